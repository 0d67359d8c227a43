import { joinBytes } from '../../bytes.ts';
import { sha256 } from '../../digest.ts';
import { FanfareError } from '../../errors.ts';
import { decodeJson, encodeJson } from '../../store.ts';
import type { Batch } from '../../tables/batch.ts';
import { hasMissing, inputColumn, planFeatures } from '../features.ts';
import { refuseOutputNames } from '../outputs.ts';
import type { Cache, TrainedOn, TrainingTable } from '../trainable.ts';
import type { BinPlan, FeatureBins } from './bin-plan.ts';
import { binRows } from './bin-rows.ts';
import { type BinnedSide, type BinsManifest, binsFormat, manifestName } from './bins-manifest.ts';
import { mixed } from './chance.ts';
import { labelledRows, learnBins } from './learn-bins.ts';

interface Options {
  /** Whatever is there already. */
  readonly anew?: boolean;
  /** Of the training side, for so many features; of more rows a sample is taken, by their places. */
  readonly mostRows: (features: number) => number;
}

/** The trainer's own scores are of the first so many validation rows; a trial's value is of all. */
const mostValidationRows = 2 ** 22;

/** Rows that are gathered before a chunk is written. */
const chunkRows = 131_072;

/**
 * Learns bins from the training side and writes both sides' rows by them: a chunk object holds a byte a row for each
 * feature's bins, column after column, then the labels; the manifest comes last. The chunks of a cache that has a manifest
 * are not touched, unless it is to be made anew.
 * `BadTable` if a side has no labelled row, or one class only.
 */
export async function prepareBins(
  table: TrainingTable,
  cache: Cache,
  { anew = false, mostRows }: Options,
): Promise<TrainedOn> {
  const before = anew ? undefined : await findBins(cache);
  if (before) return trainedOn(before);
  const { inputs, features } = planFeatures(table.fields, table.inputs);
  refuseOutputNames(table.inputs, table.task);
  const missing = new Set<string>();
  const note = (batch: Batch): void => {
    for (const input of inputs) if (hasMissing(inputColumn(batch, input))) missing.add(input.name);
  };
  const { bins, labelled } = await learnBins(table, features, note);
  const share = mostRows(features.length) / labelled;
  const plan = (): BinPlan => ({
    inputs: inputs.map(({ name, type }) => ({ name, type, missing: missing.has(name) })),
    features: bins,
  });
  const train = await writeSide(
    table,
    'train',
    bins,
    (row) => mixed(row) < share * 2 ** 32,
    cache,
    () => {},
  );
  const validation = await writeSide(
    table,
    'validation',
    bins,
    (row) => row < mostValidationRows,
    cache,
    note,
  );
  refuseOneClass('training', train, table.target.column);
  refuseOneClass('validation', validation, table.target.column);
  const manifest: BinsManifest = {
    format: binsFormat,
    plan: plan(),
    target: table.target,
    task: table.task,
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

function refuseOneClass(side: string, { rows, positives }: BinnedSide, column: string): void {
  if (positives > 0 && positives < rows) return;
  const label = positives === 0 ? 0 : 1;
  throw new FanfareError(
    'BadTable',
    `target: by column "${column}" all ${rows} labelled ${side} rows are ${label}; both 0 and 1 must occur on each side`,
  );
}

async function writeSide(
  table: TrainingTable,
  side: 'train' | 'validation',
  bins: readonly FeatureBins[],
  isKept: (row: number) => boolean,
  cache: Cache,
  note: (batch: Batch) => void,
): Promise<BinnedSide> {
  let of = 0;
  const keep = () => isKept(of++);
  const chunks: BinnedSide['chunks'][number][] = [];
  let pending: (readonly Uint8Array[])[] = [];
  let pendingRows = 0;
  let positives = 0;
  const flush = async (): Promise<void> => {
    if (pendingRows === 0) return;
    const name = `${side}-${String(chunks.length).padStart(5, '0')}.bin`;
    const columns = Array.from({ length: bins.length + 1 }, (_, at) => pending.map((each) => each[at]!));
    const bytes = joinBytes(columns.flat());
    await cache.write(name, bytes);
    chunks.push({ name, rows: pendingRows, sha256: await sha256(bytes) });
    pending = [];
    pendingRows = 0;
  };
  for await (const batch of table.batches(side)) {
    note(batch);
    const { rows, labels } = labelledRows(batch, table, keep);
    pending.push([...binRows(batch, rows, bins), labels]);
    pendingRows += rows.length;
    positives += labels.reduce((sum, label) => sum + label, 0);
    if (pendingRows >= chunkRows) await flush();
  }
  await flush();
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  if (rows > 0) return { rows, of, positives, chunks };
  throw new FanfareError(
    'BadTable',
    `target: the ${side} side has no row with a value of "${table.target.column}"`,
  );
}
