import type { Evaluation } from '../contracts/records.ts';
import { FanfareError } from '../errors.ts';
import { limits } from './batches.ts';
import { shorten } from './plain-texts.ts';
import { versionOf } from './record-prediction.ts';
import { championOf, modelIdOf, type ResolvedModel } from './registry.ts';
import { findOrCreate, recordInputs, recordRun, soleRun, type WantedRun } from './runs.ts';
import { tag } from './tags.ts';
import type { ModelVersion, Tracker } from './tracker.ts';
import { withDecision } from './version-text.ts';

/** `undecided`: somebody else is the champion by now, whose value on these rows nobody knows; evaluate again. */
export type Decision = 'promoted' | 'kept' | 'undecided';

/**
 * Records what the candidate scored, and moves the alias to it if there is no champion, or if the champion that it was
 * compared with still holds the alias and is worse by more than the margin. A decision is made once: later recordings
 * repeat it. `MissingInput` if the candidate is no version of the model.
 */
export async function recordEvaluation(
  tracker: Tracker,
  evaluation: Evaluation,
): Promise<{ readonly decision: Decision; readonly version: string }> {
  const { modelName, candidate, alias } = evaluation;
  const version = await versionOf(tracker, modelName, candidate.model);
  if (version === undefined) throw await unregistered(tracker, evaluation);
  const experimentId = await tracker.experiment(evaluation.experiment);
  const found = await soleRun(
    tracker,
    await tracker.searchRuns(experimentId, { [tag.evaluation]: evaluation.evaluation }),
  );
  const made = found?.tags[tag.decision];
  if (found?.status === 'FINISHED' && (made === 'promoted' || made === 'kept')) {
    return { decision: made, version: version.version };
  }
  const champion = await championOf(tracker, modelName, alias);
  const { decision, reason } = decide(evaluation, champion);
  // The alias comes before the record of it: a crash in between finds the candidate as champion, and records that.
  if (decision === 'promoted' && champion?.digest !== candidate.model) {
    await tracker.setAlias(modelName, alias, version.version);
  }
  await tellOnVersion(tracker, version, evaluation, { decision, reason });
  const wanted = evaluationRun(evaluation, version, { decision, reason });
  const run = await findOrCreate(tracker, experimentId, found, wanted);
  const modelId = modelIdOf(version.source);
  await recordInputs(tracker, run, { datasets: [], models: modelId === undefined ? [] : [modelId] });
  await recordRun(tracker, run, wanted);
  return { decision, version: version.version };
}

interface Decided {
  readonly decision: Decision;
  readonly reason: string;
}

/** In words in its description, and in tags for whoever searches. */
async function tellOnVersion(
  tracker: Tracker,
  version: ModelVersion,
  { candidate, champion, metric, margin }: Evaluation,
  { decision, reason }: Decided,
): Promise<void> {
  const { name } = version;
  const description = withDecision(version.description, reason);
  if (description !== version.description) await tracker.describeVersion(name, version.version, description);
  const told = {
    [tag.decision]: decision,
    [tag.decisionReason]: shorten(reason, limits.tag),
    [tag.metric]: metric,
    [tag.value]: String(candidate.metrics[metric] ?? 'undefined'),
    [tag.margin]: String(margin),
    ...(champion !== null && {
      [tag.opponent]: champion.model,
      [tag.opponentValue]: String(champion.metrics[metric] ?? 'undefined'),
    }),
  };
  const changed = Object.entries(told).filter(([key, text]) => version.tags[key] !== text);
  if (changed.length > 0) await tracker.tagVersion(name, version.version, Object.fromEntries(changed));
}

/** The evaluation's own comparison counts only against the model that holds the alias now. */
function decide(evaluation: Evaluation, holder: ResolvedModel | undefined): Decided {
  const { candidate, champion, metric, margin, alias } = evaluation;
  const scored = `${metric} ${shown(candidate.metrics[metric])} on ${candidate.prediction}`;
  if (champion === null || champion.model === candidate.model) {
    if (holder === undefined || holder.digest === candidate.model) {
      return { decision: 'promoted', reason: `promoted to ${alias}: ${scored}; there was no other` };
    }
  } else {
    const compared = `${scored}, against ${shown(champion.metrics[metric])} of ${champion.model.slice(0, 12)}`;
    const better = isBetter(evaluation);
    const won = holder === undefined || (better && holder.digest === champion.model);
    if (won || holder.digest === candidate.model) {
      return { decision: 'promoted', reason: `promoted to ${alias}: ${compared}` };
    }
    if (holder.digest === champion.model) {
      return { decision: 'kept', reason: `not promoted to ${alias}: ${compared}; the margin is ${margin}` };
    }
  }
  return {
    decision: 'undecided',
    reason: `not compared with version ${holder.version}, which is ${alias} now: ${scored}`,
  };
}

/** A metric that the rows leave undefined is no better than another. */
function isBetter({ candidate, champion, metric, direction, margin }: Evaluation): boolean {
  const ours = candidate.metrics[metric];
  const theirs = champion?.metrics[metric];
  if (ours === undefined || theirs === undefined) return false;
  return direction === 'maximize' ? ours > theirs + margin : ours < theirs - margin;
}

const shown = (value: number | undefined): string => (value === undefined ? 'undefined' : value.toFixed(5));

function evaluationRun(
  evaluation: Evaluation,
  version: ModelVersion,
  { decision, reason }: Decided,
): WantedRun {
  const { candidate, champion, at } = evaluation;
  const modelId = modelIdOf(version.source);
  const about = modelId === undefined ? {} : { modelId };
  const values = Object.entries(candidate.metrics);
  const others = Object.entries(champion?.metrics ?? {});
  return {
    name: evaluation.evaluation,
    startedAt: at,
    tags: {
      [tag.kind]: 'evaluation',
      [tag.evaluation]: evaluation.evaluation,
      [tag.digest]: candidate.model,
      [tag.decision]: decision,
      [tag.note]: `Version ${version.version} of ${version.name}: ${reason}.`,
      [tag.source]: 'fanfare',
    },
    params: {
      model_name: version.name,
      model_version: version.version,
      prediction: candidate.prediction,
      alias: evaluation.alias,
      margin: String(evaluation.margin),
      ...(champion === null ? {} : { champion_digest: champion.model }),
    },
    metrics: [
      ...values.map(([key, value]) => ({ key: `test_${key}`, value, timestamp: at, step: 0, ...about })),
      ...others.map(([key, value]) => ({ key: `champion_test_${key}`, value, timestamp: at, step: 0 })),
    ],
    end: decision === 'undecided' ? undefined : { status: 'FINISHED', at },
  };
}

async function unregistered(tracker: Tracker, { modelName, candidate }: Evaluation): Promise<FanfareError> {
  const versions = await tracker.searchVersions({ name: modelName });
  const known = versions.map(
    ({ version, tags }) => `${version} (${tags[tag.digest]?.slice(0, 12) ?? 'no digest'})`,
  );
  return new FanfareError(
    'MissingInput',
    `no version of ${modelName} was made of model ${candidate.model}. There are: ${known.join(', ') || 'none'}`,
  );
}
