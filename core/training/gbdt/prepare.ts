import { joinBytes } from '../../bytes.ts';
import { FanfareError } from '../../errors.ts';
import { encodeJson } from '../../store.ts';
import type { Batch } from '../../tables/batch.ts';
import {
  columnNamed,
  type Feature,
  featureNumbers,
  hasMissing,
  inputColumn,
  planFeatures,
  wordsNamed,
} from '../features.ts';
import { labelsOf, noLabel } from '../target.ts';
import type { Cache, TrainingTable } from '../trainable.ts';
import { ValueCounts } from '../value-counts.ts';
import {
  type BinPlan,
  equalFrequencyEdges,
  type FeatureBins,
  frequentCategories,
  maxBins,
} from './bin-plan.ts';
import { binRows, strideOf } from './bin-rows.ts';
import { type BinnedSide, type BinsManifest, binsFormat, manifestName } from './bins-manifest.ts';
import { modelOutputs } from './export.ts';

/** Distinct texts of one column that are counted before it is refused. */
const maxDistinct = 262_144;
/** Rows that are gathered before a chunk is written. */
const chunkRows = 131_072;

/**
 * Learns bins from the training side and writes both sides' rows by them: a chunk object holds `stride` bytes of bins a
 * row, then a byte of label a row; the manifest comes last. The chunks of a cache that has a manifest are not touched.
 * `BadTable` if a side has no labelled row, or the training side one class only.
 */
export async function prepareBins(table: TrainingTable, cache: Cache): Promise<void> {
  if (await cache.read(manifestName)) return;
  const { inputs, features } = planFeatures(table.fields, table.inputs);
  refuseOutputNames(table.inputs);
  const missing = new Set<string>();
  const note = (batch: Batch): void => {
    for (const input of inputs) if (hasMissing(inputColumn(batch, input))) missing.add(input.name);
  };
  const bins = await learnBins(table, features, note);
  const plan = (): BinPlan => ({
    inputs: inputs.map(({ name, type }) => ({ name, type, missing: missing.has(name) })),
    features: bins,
  });
  const train = await writeSide(table, 'train', bins, cache, () => undefined);
  const validation = await writeSide(table, 'validation', bins, cache, note);
  refuseOneClass(train, table.target.column);
  const manifest: BinsManifest = {
    format: binsFormat,
    plan: plan(),
    target: table.target,
    train,
    validation,
  };
  await cache.write(manifestName, encodeJson(manifest));
}

/** The exported model has one name space for its inputs and outputs. */
function refuseOutputNames(inputs: readonly string[]): void {
  const taken = inputs.find((name) => modelOutputs.some((output) => output === name));
  if (taken === undefined) return;
  throw new FanfareError(
    'InvalidSpec',
    `inputs: column "${taken}" has the name of a model output (${modelOutputs.join(', ')}); rename it or leave it out`,
  );
}

function refuseOneClass({ rows, positives }: BinnedSide, column: string): void {
  if (positives > 0 && positives < rows) return;
  const label = positives === 0 ? 0 : 1;
  throw new FanfareError(
    'BadTable',
    `target: by column "${column}" all ${rows} labelled training rows are ${label}; both 0 and 1 must occur`,
  );
}

async function learnBins(
  table: TrainingTable,
  features: readonly Feature[],
  note: (batch: Batch) => void,
): Promise<FeatureBins[]> {
  const counters = features.map(counterOf);
  for await (const whole of table.batches('train')) {
    note(whole);
    const labelled = labelledRows(whole, table);
    for (const counter of counters) counter.add(whole, labelled.rows);
  }
  return counters.map((counter) => counter.bins());
}

/** The rows that have a label, ascending, and their labels. */
function labelledRows(batch: Batch, table: TrainingTable): { rows: Int32Array; labels: Uint8Array } {
  const all = labelsOf(batch, table.target);
  const rows = new Int32Array(all.length);
  let count = 0;
  for (let i = 0; i < all.length; i++) if (all[i] !== noLabel) rows[count++] = i;
  return { rows: rows.subarray(0, count), labels: all.filter((label) => label !== noLabel) };
}

interface Counter {
  add(batch: Batch, rows: Int32Array): void;
  bins(): FeatureBins;
}

function counterOf(feature: Feature): Counter {
  return feature.kind === 'category' ? categoryCounter(feature) : numberCounter(feature);
}

function numberCounter(feature: Exclude<Feature, { kind: 'category' }>): Counter {
  const counts = new ValueCounts();
  return {
    add(batch, rows) {
      const values = featureNumbers(feature, columnNamed(batch, feature.column));
      counts.add(rows.length === values.length ? values : Float32Array.from(rows, (row) => values[row]!));
    },
    bins: () => ({ kind: 'edges', feature, edges: equalFrequencyEdges(counts.buckets(), maxBins - 1) }),
  };
}

function categoryCounter(feature: Extract<Feature, { kind: 'category' }>): Counter {
  const counts = new Map<string, number>();
  return {
    add(batch, rows) {
      const { codes, dictionary, valid } = wordsNamed(batch, feature.column);
      const byCode = new Float64Array(dictionary.length);
      for (const row of rows) if (!valid || valid[row]) byCode[codes[row]!]!++;
      dictionary.forEach((word, code) => {
        if (word !== '' && byCode[code]! > 0) counts.set(word, (counts.get(word) ?? 0) + byCode[code]!);
      });
      if (counts.size <= maxDistinct) return;
      throw new FanfareError(
        'BadTable',
        `inputs: column "${feature.column}" has more than ${maxDistinct} different texts; leave it out of the inputs`,
      );
    },
    bins: () => ({ kind: 'categories', feature, categories: frequentCategories(counts, maxBins - 1) }),
  };
}

async function writeSide(
  table: TrainingTable,
  side: 'train' | 'validation',
  bins: readonly FeatureBins[],
  cache: Cache,
  note: (batch: Batch) => void,
): Promise<BinnedSide> {
  const chunks: { name: string; rows: number }[] = [];
  const stride = strideOf(bins.length);
  let pending: { bytes: Uint8Array; labels: Uint8Array }[] = [];
  let pendingRows = 0;
  let positives = 0;
  const flush = async (): Promise<void> => {
    if (pendingRows === 0) return;
    const name = `${side}-${String(chunks.length).padStart(5, '0')}.bin`;
    await cache.write(
      name,
      joinBytes([...pending.map((each) => each.bytes), ...pending.map((each) => each.labels)]),
    );
    chunks.push({ name, rows: pendingRows });
    pending = [];
    pendingRows = 0;
  };
  for await (const batch of table.batches(side)) {
    note(batch);
    const { rows, labels } = labelledRows(batch, table);
    pending.push({ bytes: binRows(batch, rows, bins, stride), labels });
    pendingRows += rows.length;
    positives += labels.reduce((sum, label) => sum + label, 0);
    if (pendingRows >= chunkRows) await flush();
  }
  await flush();
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  if (rows > 0) return { rows, positives, stride, chunks };
  throw new FanfareError(
    'BadTable',
    `target: the ${side} side has no row with a value of "${table.target.column}"`,
  );
}
