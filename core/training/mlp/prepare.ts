import { joinBytes, joinNumbers } from '../../bytes.ts';
import { sha256 } from '../../digest.ts';
import { FanfareError } from '../../errors.ts';
import { decodeJson, encodeJson } from '../../store.ts';
import { takeRows } from '../../tables/slice.ts';
import { addSums, meanOf, noSums, sumsOf, varianceOf } from '../../tables/sums.ts';
import { mixed } from '../bins/chance.ts';
import { type DenseRows, encodeDense } from '../dense/encode.ts';
import { type DensePlan, planDense } from '../dense/plan.ts';
import { mergeStatistics, noStatistics, statisticsOf } from '../dense/statistics.ts';
import { type FeaturePlan, hasMissing, inputColumn, planFeatures } from '../features.ts';
import { type Labelled, labelledBatches } from '../labelled.ts';
import { refuseOutputNames } from '../outputs.ts';
import type { Cache, TrainedOn, TrainingTable } from '../trainable.ts';
import { manifestName, type RowsManifest, rowBytes, rowsFormat, type WrittenSide } from './rows-manifest.ts';

interface Options {
  /** Whatever is there already. */
  readonly anew?: boolean;
  /** What the training side's rows may take of the memory; of more of them a sample is taken, by their places. */
  readonly budget?: number;
}

/** So that the function that trains has room for the rest. */
const rowsBudget = 900 * 2 ** 20;

/** A row in memory has its label twice, and a place in the epoch's order. */
const besideRow = 12;

/** The trainer's own predictions are of the first so many validation rows; a trial's value is of all. */
const mostValidationRows = 2 ** 20;

/** Bytes that are gathered before a chunk is written. */
const chunkBytes = 2 ** 24;

/** Texts of a column that have an embedding of their own. */
const mostWords = 16_384;

/**
 * Learns from the training side how columns become numbers and codes, and writes both sides' labelled rows that way: see
 * `encodeChunk`; the manifest comes last. The chunks of a cache that has a manifest are not touched, unless it is to be made
 * anew. `BadTable` if there is nothing to learn from.
 */
export async function prepareRows(
  table: TrainingTable,
  cache: Cache,
  { anew = false, budget = rowsBudget }: Options = {},
): Promise<TrainedOn> {
  const before = anew ? undefined : await findRows(cache);
  if (before) return trainedOn(before);
  const features = planFeatures(table.fields, table.inputs);
  refuseOutputNames(table.inputs, table.task);
  const { plan, rows, scale } = await learn(table, features);
  const weighted = table.weight !== undefined;
  const share = budget / (rowBytes({ plan, weighted }) + besideRow) / rows;
  const isSampled = (row: number) => mixed(row) < share * 2 ** 32;
  const train = await writeSide(table, 'train', plan, isSampled, cache);
  const validation = await writeSide(table, 'validation', plan, (row) => row < mostValidationRows, cache);
  const inputs = plan.inputs.map((each) => ({
    ...each,
    missing: each.missing || validation.missing.has(each.name),
  }));
  const manifest: RowsManifest = {
    format: rowsFormat,
    plan: { ...plan, inputs },
    target: table.target,
    task: table.task,
    scale,
    weighted,
    train: train.side,
    validation: validation.side,
  };
  await cache.write(manifestName, encodeJson(manifest));
  return trainedOn(manifest);
}

const trainedOn = ({ train: { rows, of } }: RowsManifest): TrainedOn => ({ rows, of });

async function findRows(cache: Cache): Promise<RowsManifest | undefined> {
  const bytes = await cache.read(manifestName);
  const manifest = bytes && (decodeJson(bytes) as RowsManifest);
  return manifest?.format === rowsFormat ? manifest : undefined;
}

/** What the training side says of the columns and of the target. */
async function learn(table: TrainingTable, { inputs, features }: FeaturePlan) {
  const { task, target } = table;
  let statistics = noStatistics(features);
  let sums = noSums;
  let weight = 0;
  const seen = new Set<number>();
  for await (const { batch, labels, weights } of labelledBatches(table, 'train')) {
    for (const input of inputs) inputColumn(batch, input);
    statistics = mergeStatistics(statistics, statisticsOf(batch, features), features);
    if (task.kind === 'regression') sums = addSums(sums, sumsOf(labels));
    else for (const label of labels) seen.add(label);
    weight += weights?.reduce((sum, each) => sum + each, 0) ?? labels.length;
  }
  const { rows } = statistics;
  if (rows === 0) throw noRows('train', target.column);
  const only = task.kind !== 'regression' && seen.size === 1 ? task.classes[[...seen][0]!] : undefined;
  if (only !== undefined) {
    throw new FanfareError(
      'BadTable',
      `target: by column "${target.column}" all ${rows} labelled training rows are ${JSON.stringify(only)}; at least two classes must occur`,
    );
  }
  if (weight === 0) {
    throw new FanfareError('BadTable', `columns.weight: all ${rows} labelled training rows weigh 0`);
  }
  const plan = planDense(statistics, inputs, features, { mostWords, missing: new Set(statistics.missing) });
  if (plan.numbers.length + plan.categories.length === 0) {
    throw new FanfareError(
      'BadTable',
      `inputs: each of ${table.inputs.join(', ')} has one value in all training rows: there is nothing to learn from`,
    );
  }
  const deviation = task.kind === 'regression' && rows > 1 ? Math.sqrt(varianceOf(sums, rows)) : 0;
  const mean = task.kind === 'regression' ? meanOf(sums, rows) : 0;
  return { plan, rows, scale: { mean, deviation: deviation > 0 ? deviation : 1 } };
}

const noRows = (side: string, column: string): FanfareError =>
  new FanfareError('BadTable', `target: the ${side} side has no row with a value of "${column}"`);

async function writeSide(
  table: TrainingTable,
  side: 'train' | 'validation',
  plan: DensePlan,
  isKept: (row: number) => boolean,
  cache: Cache,
): Promise<{ readonly side: WrittenSide; readonly missing: ReadonlySet<string> }> {
  const chunks: WrittenSide['chunks'][number][] = [];
  const missing = new Set<string>();
  let pending: Encoded[] = [];
  let bytes = 0;
  let of = 0;
  const flush = async (): Promise<void> => {
    const rows = pending.reduce((sum, each) => sum + each.dense.rows, 0);
    if (rows === 0) return;
    const name = `${side}-${String(chunks.length).padStart(5, '0')}.bin`;
    const chunk = encodeChunk(pending);
    await cache.write(name, chunk);
    chunks.push({ name, rows, sha256: await sha256(chunk) });
    pending = [];
    bytes = 0;
  };
  for await (const whole of labelledBatches(table, side)) {
    const labelled = keptOf(whole, () => isKept(of++));
    const { batch, labels, weights } = labelled;
    for (const input of plan.inputs) if (hasMissing(inputColumn(batch, input))) missing.add(input.name);
    pending.push({ dense: encodeDense(plan, batch), labels, weights });
    bytes += batch.rows * rowBytes({ plan, weighted: weights !== undefined });
    if (bytes >= chunkBytes) await flush();
  }
  await flush();
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  if (rows === 0) throw noRows(side, table.target.column);
  return { side: { rows, of, chunks }, missing };
}

function keptOf(labelled: Labelled, keep: () => boolean): Labelled {
  const { batch, labels, weights } = labelled;
  const rows = new Int32Array(batch.rows);
  let count = 0;
  for (let row = 0; row < batch.rows; row++) if (keep()) rows[count++] = row;
  if (count === batch.rows) return labelled;
  const kept = rows.subarray(0, count);
  const taken = (values: Float64Array) => Float64Array.from(kept, (row) => values[row]!);
  return { batch: takeRows(batch, kept), labels: taken(labels), weights: weights && taken(weights) };
}

interface Encoded {
  readonly dense: DenseRows;
  readonly labels: Float64Array;
  readonly weights: Float64Array | undefined;
}

/** The labels and weights as f64, the numbers row by row as f32, then the codes column by column as i32; little endian. */
function encodeChunk(parts: readonly Encoded[]): Uint8Array {
  const weights = parts.flatMap((part) => part.weights ?? []);
  const [first] = parts;
  const numbers = parts.map(({ dense }) => rowMajor(dense));
  const codes = first!.dense.codes.flatMap((_, at) => parts.map(({ dense }) => dense.codes[at]!));
  return joinBytes(
    [joinNumbers(parts.map(({ labels }) => labels)), joinNumbers(weights), ...numbers, ...codes].map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  );
}

function rowMajor({ rows, numbers }: DenseRows): Float32Array {
  const width = numbers.length;
  const matrix = new Float32Array(rows * width);
  for (const [at, column] of numbers.entries())
    for (let row = 0, to = at; row < rows; row++, to += width) matrix[to] = column[row]!;
  return matrix;
}
