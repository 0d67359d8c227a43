import { joinBytes } from '../../bytes.ts';
import { sha256 } from '../../digest.ts';
import { FanfareError } from '../../errors.ts';
import { decodeJson, encodeJson } from '../../store.ts';
import type { Batch } from '../../tables/batch.ts';
import { hasMissing, inputColumn, planFeatures } from '../features.ts';
import { labelledBatches } from '../labelled.ts';
import { refuseOutputNames } from '../outputs.ts';
import type { Cache, TrainedOn, TrainingTable } from '../trainable.ts';
import type { BinBytes, BinPlan, FeatureBins } from './bin-plan.ts';
import { binRows } from './bin-rows.ts';
import { type BinnedSide, type BinsManifest, binsFormat, manifestName } from './bins-manifest.ts';
import { mixed } from './chance.ts';
import { learnBins } from './learn-bins.ts';

interface Options {
  /** Whatever is there already. */
  readonly anew?: boolean;
  /** What a row's bin takes: one byte tells 255 bins apart, two 4095. */
  readonly binBytes?: BinBytes;
  /** Of the training side, for so many features; of more rows a sample is taken, by their places. */
  readonly mostRows: (features: number) => number;
}

/** The trainer's own scores are of the first so many validation rows; a trial's value is of all. */
const mostValidationRows = 2 ** 22;

/** Rows that are gathered before a chunk is written. */
const chunkRows = 131_072;

/**
 * Learns bins from the training side and writes both sides' rows by them: a chunk object holds a byte or two a row for each
 * feature's bins, column after column, then the labels and, where rows have them, the weights, float64 each; the manifest comes last. The chunks of a cache that has a manifest
 * are not touched, unless it is to be made anew.
 * `BadTable` if a side has no labelled row, one class only (of more than two: the training side), or no weight above 0.
 */
export async function prepareBins(
  table: TrainingTable,
  cache: Cache,
  { anew = false, binBytes = 1, mostRows }: Options,
): Promise<TrainedOn> {
  const before = anew ? undefined : await findBins(cache);
  if (before) return trainedOn(before);
  const { inputs, features } = planFeatures(table.fields, table.inputs);
  refuseOutputNames(table.inputs, table.task);
  const missing = new Set<string>();
  const note = (batch: Batch): void => {
    for (const input of inputs) if (hasMissing(inputColumn(batch, input))) missing.add(input.name);
  };
  const { bins, labelled } = await learnBins(table, features, binBytes, note);
  const share = mostRows(bins.length) / labelled;
  const plan = (): BinPlan => ({
    inputs: inputs.map(({ name, type }) => ({ name, type, missing: missing.has(name) })),
    features: bins,
  });
  const train = await writeSide(
    table,
    'train',
    { bins, binBytes },
    (row) => mixed(row) < share * 2 ** 32,
    cache,
    () => {},
  );
  const validation = await writeSide(
    table,
    'validation',
    { bins, binBytes },
    (row) => row < mostValidationRows,
    cache,
    note,
  );
  refuseOneClass(table, 'training', train);
  if (table.task.kind === 'binary') refuseOneClass(table, 'validation', validation);
  const manifest: BinsManifest = {
    format: binsFormat,
    plan: plan(),
    binBytes,
    target: table.target,
    task: table.task,
    weighted: table.weight !== undefined,
    train,
    validation,
  };
  await cache.write(manifestName, encodeJson(manifest));
  return trainedOn(manifest);
}

const trainedOn = ({ train: { rows, of } }: BinsManifest): TrainedOn => ({ rows, of });

async function findBins(cache: Cache): Promise<BinsManifest | undefined> {
  const bytes = await cache.read(manifestName);
  const manifest = bytes && (decodeJson(bytes) as BinsManifest);
  return manifest?.format === binsFormat ? manifest : undefined;
}

/** Who learns classes needs two of them. */
function refuseOneClass({ task, target }: TrainingTable, side: string, { rows, classes }: BinnedSide): void {
  if (task.kind === 'regression' || classes.filter((count) => count > 0).length > 1) return;
  const only = task.classes[classes.findIndex((count) => count > 0)];
  const needed =
    task.kind === 'binary'
      ? `both ${task.classes.join(' and ')} must occur on each side`
      : 'at least two classes must occur';
  throw new FanfareError(
    'BadTable',
    `target: by column "${target.column}" all ${rows} labelled ${side} rows are ${only}; ${needed}`,
  );
}

async function writeSide(
  table: TrainingTable,
  side: 'train' | 'validation',
  { bins, binBytes }: { readonly bins: readonly FeatureBins[]; readonly binBytes: BinBytes },
  isKept: (row: number) => boolean,
  cache: Cache,
  note: (batch: Batch) => void,
): Promise<BinnedSide> {
  let of = 0;
  const chunks: BinnedSide['chunks'][number][] = [];
  let pending: (readonly Uint8Array[])[] = [];
  let pendingRows = 0;
  let weight = 0;
  const classes = table.task.kind === 'regression' ? [] : table.task.classes.map(() => 0);
  const flush = async (): Promise<void> => {
    if (pendingRows === 0) return;
    const name = `${side}-${String(chunks.length).padStart(5, '0')}.bin`;
    const parts = pending[0]!.map((_, at) => pending.map((each) => each[at]!));
    const bytes = joinBytes(parts.flat());
    await cache.write(name, bytes);
    chunks.push({ name, rows: pendingRows, sha256: await sha256(bytes) });
    pending = [];
    pendingRows = 0;
  };
  for await (const { batch, labels, weights } of labelledBatches(table, side)) {
    note(batch);
    const rows = keptRows(labels.length, () => isKept(of++));
    const kept = [labels, ...(weights ? [weights] : [])].map((values) =>
      Float64Array.from(rows, (row) => values[row]!),
    );
    const columns = [...binRows(batch, rows, bins, binBytes), ...kept];
    pending.push(columns.map(({ buffer }) => new Uint8Array(buffer)));
    pendingRows += rows.length;
    if (classes.length > 0) for (const label of kept[0]!) classes[label]!++;
    weight += kept[1]?.reduce((sum, each) => sum + each, 0) ?? rows.length;
    if (pendingRows >= chunkRows) await flush();
  }
  await flush();
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  if (weight > 0) return { rows, of, classes, chunks };
  throw new FanfareError(
    'BadTable',
    rows > 0
      ? `columns.weight: all ${rows} labelled ${side} rows have the weight 0`
      : `target: the ${side} side has no row with a value of "${table.target.column}"`,
  );
}

function keptRows(count: number, isKept: () => boolean): Int32Array {
  const rows = new Int32Array(count);
  let kept = 0;
  for (let row = 0; row < count; row++) if (isKept()) rows[kept++] = row;
  return rows.subarray(0, kept);
}
