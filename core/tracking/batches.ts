import type { LogBatch, Metric, Texts } from './tracker.ts';

/**
 * MLflow's limits of one `runs/log-batch` (mlflow/utils/validation.py of 2.22 and 3.17); above them it answers 400. A tag
 * may hold 8,000 there, and 5,000 in servers before. `bytes` is what a call of ours may come to, of 1,000,000.
 */
export const limits = { entities: 1000, params: 100, tags: 100, key: 250, value: 6000, tag: 5000 } as const;
const bytes = { params: 300_000, tags: 300_000, metrics: 300_000 } as const;

/**
 * One call or as few as can be for all of it. Metrics come in the order given and the tags with the last calls,
 * so that a tag may vouch for the metrics.
 */
export function planBatches(metrics: readonly Metric[], params: Texts, tags: Texts): LogBatch[] {
  const paramSlices = slices(Object.entries(params), limits.params, bytes.params);
  const tagSlices = slices(Object.entries(tags), limits.tags, bytes.tags);
  const metricSlices = slices(metrics, limits.entities - limits.params - limits.tags, bytes.metrics);
  const calls = Math.max(metricSlices.length, paramSlices.length, tagSlices.length);
  return Array.from({ length: calls }, (_, at) => ({
    metrics: metricSlices[at] ?? [],
    params: Object.fromEntries(paramSlices[at] ?? []),
    tags: Object.fromEntries(tagSlices[at - calls + tagSlices.length] ?? []),
  }));
}

/** In their order, each of at most so many, and of so many bytes as JSON. */
function slices<T>(items: readonly T[], most: number, mostBytes: number): T[][] {
  const made: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = jsonBytes(item);
    const last = made.at(-1);
    if (last !== undefined && last.length < most && size <= room) {
      last.push(item);
      room -= size;
    } else {
      made.push([item]);
      room = mostBytes - size;
    }
  }
  return made;
}

/** With the braces, names and commas that the wire adds to an entry. */
const jsonBytes = (item: unknown): number => encoder.encode(JSON.stringify(item)).length + 32;

const encoder = new TextEncoder();
