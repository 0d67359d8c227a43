import type { LogBatch, Metric, Texts } from './tracker.ts';

/** MLflow's limits of one `runs/log-batch` (mlflow/utils/validation.py); above them it answers 400. */
export const limits = { entities: 1000, params: 100, tags: 100, key: 250, value: 6000, tag: 5000 } as const;

/**
 * One call or as few as can be for all of it. Metrics come in the order given and the tags with the last call,
 * so that a tag may vouch for the metrics.
 */
export function planBatches(metrics: readonly Metric[], params: Texts, tags: Texts): LogBatch[] {
  const paramSlices = slices(Object.entries(params), limits.params);
  const tagSlices = slices(Object.entries(tags), limits.tags);
  const metricSlices = slices(metrics, limits.entities - limits.params - limits.tags);
  const calls = Math.max(metricSlices.length, paramSlices.length, tagSlices.length);
  return Array.from({ length: calls }, (_, at) => ({
    metrics: metricSlices[at] ?? [],
    params: Object.fromEntries(paramSlices[at] ?? []),
    tags: Object.fromEntries(tagSlices[at - calls + tagSlices.length] ?? []),
  }));
}

/** A name that MLflow takes: letters, digits, `_ - . :` and spaces, no dot first, at most 250 of them. */
export const plainKey = (name: string): string =>
  name
    .replaceAll(/[^\p{L}\p{N}_\-. :]/gu, '_')
    .replace(/^\.+/, '_')
    .slice(0, limits.key);

/** Longer texts would be cut by MLflow without a word, or refused. */
export const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
