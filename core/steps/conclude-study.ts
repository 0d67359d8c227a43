import { Conclusion, RefitPlan, RefitResult } from '../contracts/conclusion.ts';
import { keys } from '../contracts/keys.ts';
import type { Leg } from '../contracts/names.ts';
import type { ConcludeStudyRequest } from '../contracts/requests.ts';
import {
  Finished,
  type Importance,
  type ImportanceShare,
  ModelCard,
  type Study,
  type Trial,
} from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import { bestTrial, frontOf, objectiveValues } from '../search/front.ts';
import { gridSize } from '../search/grid.ts';
import type { History } from '../search/history.ts';
import { isDone } from '../search/next.ts';
import { searchOf } from '../search/propose.ts';
import { findConclusion, readHistory, readStudy } from '../search/study-folder.ts';
import { latestValue, trialsOf } from '../search/trials.ts';
import type { ObjectStore } from '../store.ts';
import { findObject, writeFirst } from './objects.ts';
import { markPending } from './pending.ts';
import type { Ports } from './ports.ts';
import { publishModel } from './publish-model.ts';

/** So many trials of a front are told where a study ends. */
const mostShown = 100;

/**
 * Chooses the best trial, and puts its model, if it has one, where predictions find it. Answers `refit` where that is to be
 * trained once more before.
 */
export async function concludeStudy(
  { study: id, execution }: ConcludeStudyRequest,
  ports: Ports,
): Promise<object> {
  const { store } = ports;
  const study = await readStudy(store, id);
  const history = await readHistory(store, id);
  if (!isDone(study, history)) throw await endedEarly(study, execution, store);
  const conclusion = (await findConclusion(store, study, history)) ?? (await conclude(study, history, ports));
  if ('leg' in conclusion) return { next: 'refit', study: id, execution, ...conclusion };
  const { best, front, trials, refit, stopped } = conclusion;
  const model = best.model && `sha256:${best.model}`;
  const card = best.model ? await findObject(store, keys.modelCard(best.model), ModelCard) : undefined;
  return {
    next: 'register',
    study: id,
    metric: study.metric,
    resource: study.resource,
    sampler: study.sampler.kind,
    ...(study.sampler.kind === 'grid' && { combinations: gridSize(searchOf(study), study.sampler) }),
    sample: study.sample,
    ...(study.prior && { prior: study.prior.sources }),
    best,
    // What a flow hands on is small; the conclusion has all.
    ...(front && { front: front.slice(0, mostShown) }),
    ...(refit && { refit }),
    ...(stopped && { stopped }),
    ...(card?.importance && { importance: sharesOfGain(card.importance) }),
    trials,
    model,
  };
}

/** The five inputs that matter most, each with its part of what all splits gained. */
function sharesOfGain(importance: readonly Importance[]): readonly ImportanceShare[] {
  const whole = importance.reduce((sum, { gain }) => sum + gain, 0);
  const used = importance.filter(({ gain }) => gain > 0).slice(0, 5);
  return used.map(({ feature, gain }) => ({ feature, share: Math.round((1e4 * gain) / whole) / 1e4 }));
}

/** `leg`: the refit of that trial at its rung was planned, and is not done. */
async function conclude(
  study: Study,
  history: History,
  ports: Ports,
): Promise<Conclusion | { readonly leg: Leg }> {
  const { store } = ports;
  const trials = trialsOf(study, history, true);
  const best = bestTrial(study, trials);
  if (best === undefined) throw nothingLearned(study, trials);
  const { outcome, rung, spread } = best.rungs.at(-1)!;
  const { resource } = outcome;
  const leg = { trial: best.number, rung };
  const refit =
    study.refit &&
    (await findRefit(study, leg, { trial: best.number, params: best.params, resource }, store));
  if (study.refit && refit === undefined) return { leg };
  const model = refit ? refit.model : outcome.model;
  // Rows that nobody has learned from would tell how a refitted model's scores lie, and there are none.
  const scores = refit ? null : keys.trialScores(study.study, leg);
  if (model) await publishModel(study, { ...model, scores }, ports);
  const count = (state: Trial['state']) => trials.filter((trial) => trial.state === state).length;
  const conclusion: Conclusion = {
    study: study.study,
    claims: history.claims.length,
    best: {
      trial: best.number,
      params: best.params,
      value: latestValue(best),
      metrics: outcome.metrics,
      ...(spread && { spread }),
      resource,
      model: model?.digest ?? null,
    },
    ...(study.also && { front: frontOf(study, trials).map((trial) => memberOf(study, trial)) }),
    ...(refit && { refit: { ...refit, model: refit.model?.digest ?? null } }),
    trials: {
      total: trials.length,
      complete: count('complete'),
      pruned: count('pruned'),
      failed: count('failed'),
    },
    ...(study.stopped && { stopped: study.stopped }),
    startedAt: study.createdAt,
    endedAt: [...history.events].reduce((last, { at }) => Math.max(last, at), 0),
  };
  await markPending(store, { kind: 'model', study: study.study });
  return writeFirst(store, keys.conclusion(study.study, conclusion.claims), conclusion, Conclusion);
}

function memberOf(study: Study, trial: Trial): NonNullable<Conclusion['front']>[number] {
  const { resource, model } = trial.rungs.at(-1)!.outcome;
  return { trial: trial.number, values: objectiveValues(study, trial), resource, model: model?.key ?? null };
}

/** What came of training it once more, which is planned here. */
async function findRefit(
  { study }: Study,
  leg: Leg,
  plan: RefitPlan,
  store: ObjectStore,
): Promise<RefitResult | undefined> {
  await writeFirst(store, keys.refitPlan(study, leg), plan, RefitPlan);
  return findObject(store, keys.refitResult(study, leg), RefitResult);
}

async function endedEarly(study: Study, execution: string, store: ObjectStore): Promise<FanfareError> {
  const finished = await findObject(store, keys.finished(study.study, execution), Finished);
  const why = finished?.lost ?? 'its lanes ended early';
  return new FanfareError(
    'StudyFailed',
    `study ${study.study} is not done (${why}); what it has is kept, and the same command goes on from there`,
  );
}

function nothingLearned({ stopped }: Study, trials: readonly Trial[]): FanfareError {
  const failures = trials.flatMap(({ number, failure }) => (failure ? [{ number, ...failure }] : []));
  const [first] = failures;
  const why = first ? `trial ${first.number}: ${first.error}: ${first.cause}` : 'no trial ended';
  return new FanfareError(
    'StudyFailed',
    `${failures.length} of ${trials.length} trials failed, none gave a value${stopped ? `, and nothing more is tried (${stopped.text}; tune.stop.failures allows more)` : ''}; ${why}`,
  );
}
