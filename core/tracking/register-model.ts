import type { Conclusion } from '../contracts/conclusion.ts';
import type { ModelCard, Study } from '../contracts/study.ts';
import { modelFiles } from './model-files.ts';
import type { StudyRuns } from './record-study.ts';
import { modelIdOf } from './registry.ts';
import { tag } from './tags.ts';
import type { LoggedModel, ModelVersion, Texts, Tracker } from './tracker.ts';
import { versionText } from './version-text.ts';

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
  const registered = await soleVersion(tracker, name, tags);
  const named = registered && modelIdOf(registered.source);
  const logged = await soleModel(tracker, runs.experimentId, tags, named);
  const modelId = named ?? (await logModel(tracker, registration, logged, { name, tags }));
  for (const runId of new Set([bestRun(registration), runs.runId])) await linkOutput(tracker, runId, modelId);
  const version = registered ?? (await createVersion(tracker, registration, name, modelId, tags));
  await challenge(tracker, version);
  return { name, version: version.version };
}

/** The first that was made of this model and study. A later one is a create that was given up and done all the same. */
async function soleVersion(tracker: Tracker, name: string, tags: Texts): Promise<ModelVersion | undefined> {
  const [first, ...others] = (await tracker.searchVersions({ name, tags })).toReversed();
  if (others.length === 0) return first;
  // Somebody may have given one of them a name of their own.
  const named = Object.values((await tracker.aliases(name)) ?? {});
  for (const { version } of others) if (!named.includes(version)) await tracker.deleteVersion(name, version);
  return first;
}

/** The one that the version names, or else one that is ready, or else the first; the others are deleted. */
async function soleModel(
  tracker: Tracker,
  experimentId: string,
  tags: Texts,
  named: string | undefined,
): Promise<LoggedModel | undefined> {
  const found = await tracker.searchModels(experimentId, tags);
  const kept =
    found.find(({ id }) => id === named) ?? found.find(({ status }) => status === 'ready') ?? found[0];
  for (const { id } of found) if (id !== kept?.id) await tracker.deleteModel(id);
  return kept;
}

/** The id of a logged model that is ready. */
async function logModel(
  tracker: Tracker,
  registration: Registration,
  found: LoggedModel | undefined,
  { name, tags }: { readonly name: string; readonly tags: Texts },
): Promise<string> {
  const { card, model, profile, conclusion, runs } = registration;
  const runId = bestRun(registration);
  const { experimentId } = runs;
  const logged = found ?? (await tracker.createModel({ experimentId, name, runId, tags }));
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
  const { study, conclusion, runs } = registration;
  await tracker.createRegisteredModel(name);
  const description = versionText(study, conclusion, runs);
  return await tracker.createVersion({ name, modelId, runId: bestRun(registration), description, tags });
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
