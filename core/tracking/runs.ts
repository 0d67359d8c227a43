import { limits, planBatches } from './batches.ts';
import { plainKeys, plainTexts } from './plain-texts.ts';
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

/**
 * The one run of those that were found, all the same, or undefined. A writer that was killed may have asked for a run which
 * MLflow made only after the next writer had looked: of two, one is deleted.
 */
export async function soleRun(tracker: RunStore, found: readonly Run[]): Promise<Run | undefined> {
  const [first, ...others] = found;
  for (const { id } of others) await tracker.deleteRun(id);
  return first;
}

/** The run that was found, or a new one with the wanted name, start and tags. */
export async function findOrCreate(
  tracker: RunStore,
  experimentId: string,
  found: Run | undefined,
  { name, startedAt, tags }: WantedRun,
): Promise<Run> {
  if (found) return found;
  return await tracker.createRun({ experimentId, name, startedAt, tags: plainTexts(tags, limits.tag).texts });
}

/** Makes MLflow's run say what is wanted; logs nothing that it says already, and ends it last. */
export async function recordRun(tracker: RunStore, run: Run, wanted: WantedRun): Promise<void> {
  const keyOf = plainKeys();
  const recorded = Number(run.tags[tag.recorded] ?? 0);
  const metrics = wanted.metrics.map((metric) => ({ ...metric, key: keyOf(metric.key) })).slice(recorded);
  const mark = metrics.length > 0 ? { [tag.recorded]: String(wanted.metrics.length) } : {};
  const params = plainTexts(wanted.params, limits.value);
  const tags = plainTexts({ ...wanted.tags, ...changesOf(params), ...mark }, limits.tag);
  const batches = planBatches(metrics, absent(params.texts, run.params), changed(tags.texts, run.tags));
  for (const batch of batches) await tracker.logBatch(run.id, batch);
  await updateStatus(tracker, run, wanted.end);
}

/** What of the params is not in MLflow as it was given. */
function changesOf({ renamed, cut }: ReturnType<typeof plainTexts>): Texts {
  const names = Object.entries(renamed).map(([key, name]) => `${key}: ${name}`);
  return {
    ...(cut.length > 0 && { [tag.cut]: cut.join(', ') }),
    ...(names.length > 0 && { [tag.renamed]: names.join('\n') }),
  };
}

/** Links those data sets and models to the run that are not linked yet. */
export async function recordInputs(
  tracker: RunStore,
  run: Run,
  wanted: { readonly datasets: readonly DatasetInput[]; readonly models: readonly string[] },
): Promise<void> {
  const datasets = wanted.datasets.filter((input) => !hasInput(run, input));
  const linked = wanted.models.length > 0 ? (await tracker.linkedModels(run.id)).inputs : [];
  const models = wanted.models.filter((model) => !linked.includes(model));
  if (datasets.length + models.length > 0) await tracker.logInputs(run.id, { datasets, models });
}

export const hasInput = (run: Run, { name, digest }: DatasetInput): boolean =>
  run.datasets.some((have) => have.name === name && have.digest === digest);

async function updateStatus(tracker: RunStore, run: Run, end: WantedRun['end']): Promise<void> {
  const status = end?.status ?? 'RUNNING';
  if (run.status === status && (end === undefined || run.endedAt === end.at)) return;
  await tracker.updateRun(run.id, status, end?.at);
}

/** A param is immutable in MLflow: what is there stays. */
const absent = (wanted: Texts, have: Texts): Texts =>
  Object.fromEntries(Object.entries(wanted).filter(([key]) => have[key] === undefined));

const changed = (wanted: Texts, have: Texts): Texts =>
  Object.fromEntries(Object.entries(wanted).filter(([key, text]) => have[key] !== text));
