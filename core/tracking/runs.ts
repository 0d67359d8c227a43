import { limits, plainKey, planBatches, shorten } from './batches.ts';
import { tag } from './tags.ts';
import type { DatasetInput, Metric, Run, RunStatus, RunStore, Texts } from './tracker.ts';

/** All that a run should say by now. Of params and metrics more may come later; none may change. */
export interface WantedRun {
  readonly name: string;
  readonly startedAt: number;
  /** Its identity among them, so that a run that was created and then forgotten is found again. */
  readonly tags: Texts;
  readonly params: Texts;
  /** In a fixed order that only grows at its end. */
  readonly metrics: readonly Metric[];
  readonly end: { readonly status: Exclude<RunStatus, 'RUNNING'>; readonly at: number } | undefined;
}

/** The run that was found, or a new one with the wanted name, start and tags. */
export async function findOrCreate(
  tracker: RunStore,
  experimentId: string,
  found: Run | undefined,
  { name, startedAt, tags }: WantedRun,
): Promise<Run> {
  return found ?? (await tracker.createRun({ experimentId, name, startedAt, tags: cut(tags, limits.tag) }));
}

/** Makes MLflow's run say what is wanted; logs nothing that it says already, and ends it last. */
export async function recordRun(tracker: RunStore, run: Run, wanted: WantedRun): Promise<void> {
  const recorded = Number(run.tags[tag.recorded] ?? 0);
  const metrics = wanted.metrics.slice(recorded).map((metric) => ({ ...metric, key: plainKey(metric.key) }));
  const mark = metrics.length > 0 ? { [tag.recorded]: String(wanted.metrics.length) } : {};
  const batches = planBatches(
    metrics,
    absent(cut(wanted.params, limits.value), run.params),
    changed({ ...cut(wanted.tags, limits.tag), ...mark }, run.tags),
  );
  for (const batch of batches) await tracker.logBatch(run.id, batch);
  await updateStatus(tracker, run, wanted.end);
}

/** Links those data sets and models to the run that are not linked yet. */
export async function recordInputs(
  tracker: RunStore,
  run: Run,
  wanted: { readonly datasets: readonly DatasetInput[]; readonly models: readonly string[] },
): Promise<void> {
  const datasets = wanted.datasets.filter(
    (input) => !run.datasets.some((have) => have.name === input.name && have.digest === input.digest),
  );
  const linked = wanted.models.length > 0 ? (await tracker.linkedModels(run.id)).inputs : [];
  const models = wanted.models.filter((model) => !linked.includes(model));
  if (datasets.length + models.length > 0) await tracker.logInputs(run.id, { datasets, models });
}

async function updateStatus(tracker: RunStore, run: Run, end: WantedRun['end']): Promise<void> {
  const status = end?.status ?? 'RUNNING';
  if (run.status === status && (end === undefined || run.endedAt === end.at)) return;
  await tracker.updateRun(run.id, status, end?.at);
}

function cut(texts: Texts, length: number): Texts {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [plainKey(key), shorten(text, length)]),
  );
}

/** A param is immutable in MLflow: what is there stays. */
const absent = (wanted: Texts, have: Texts): Texts =>
  Object.fromEntries(Object.entries(wanted).filter(([key]) => have[key] === undefined));

const changed = (wanted: Texts, have: Texts): Texts =>
  Object.fromEntries(Object.entries(wanted).filter(([key, text]) => have[key] !== text));
