import type { Conclusion } from '../contracts/conclusion.ts';
import type { ModelCard, Study } from '../contracts/study.ts';
import { modelFiles } from './model-files.ts';
import type { StudyRuns } from './record-study.ts';
import { modelIdOf } from './registry.ts';
import { tag } from './tags.ts';
import type { LoggedModel, ModelVersion, Texts, Tracker } from './tracker.ts';

export interface Registration {
  readonly study: Study;
  readonly conclusion: Conclusion;
  readonly card: ModelCard;
  /** The ONNX file. */
  readonly model: Uint8Array;
  /** The bytes of its `ModelProfile`, where it has one. */
  readonly profile: Uint8Array | undefined;
  readonly runs: StudyRuns;
}

/**
 * Makes the study's best model a version of the registered model that the study names, with the alias `challenger`.
 * A study's model is registered once: both the logged model and the version are found again by digest and study.
 * An upload that was cut off is finished; a model is used only once all its files are there.
 */
export async function registerModel(
  tracker: Tracker,
  registration: Registration,
): Promise<{ readonly name: string; readonly version: string }> {
  const { study, card, runs } = registration;
  const name = study.model;
  const tags = {
    [tag.digest]: card.digest,
    [tag.study]: study.study,
    ...(card.features !== null && { [tag.features]: card.features }),
  };
  const registered = (await tracker.searchVersions({ name, tags })).at(-1);
  const modelId =
    (registered && modelIdOf(registered.source)) ?? (await logModel(tracker, registration, name, tags));
  for (const runId of new Set([bestRun(registration), runs.runId])) await linkOutput(tracker, runId, modelId);
  const version = registered ?? (await createVersion(tracker, registration, name, modelId, tags));
  await challenge(tracker, version);
  return { name, version: version.version };
}

/** The id of a logged model that is ready. */
async function logModel(
  tracker: Tracker,
  registration: Registration,
  name: string,
  tags: Texts,
): Promise<string> {
  const { card, model, profile, conclusion, runs } = registration;
  const runId = bestRun(registration);
  const found = await tracker.searchModels(runs.experimentId, tags);
  const logged: LoggedModel =
    found.find(({ status }) => status === 'ready') ??
    found[0] ??
    (await tracker.createModel({ experimentId: runs.experimentId, name, runId, tags }));
  if (logged.status === 'ready') return logged.id;
  const { id: modelId, location } = logged;
  for (const [path, bytes] of modelFiles(card, model, profile, {
    modelId,
    runId,
    location,
    createdAt: conclusion.endedAt,
  })) {
    await tracker.uploadFile(logged, path, bytes);
  }
  await tracker.readyModel(modelId);
  return modelId;
}

async function linkOutput(tracker: Tracker, runId: string, modelId: string): Promise<void> {
  const { outputs } = await tracker.linkedModels(runId);
  if (!outputs.includes(modelId)) await tracker.logOutputs(runId, [modelId]);
}

async function createVersion(
  tracker: Tracker,
  registration: Registration,
  name: string,
  modelId: string,
  tags: Texts,
): Promise<ModelVersion> {
  await tracker.createRegisteredModel(name);
  return await tracker.createVersion({ name, modelId, runId: bestRun(registration), tags });
}

/** The newest challenger stays: recording an older study again takes the alias from nobody. */
async function challenge(tracker: Tracker, { name, version }: ModelVersion): Promise<void> {
  const holder = (await tracker.aliases(name))?.challenger;
  if (holder === undefined || Number(holder) < Number(version)) {
    await tracker.setAlias(name, 'challenger', version);
  }
}

const bestRun = ({ runs, conclusion }: Registration): string =>
  runs.trialRuns[conclusion.best.trial] ?? runs.runId;
