import * as z from 'zod';
import { TrainableRef } from './names.ts';
import { Choose, Metric, ModelMetric, objectiveMistakes, objectivesOf } from './objectives.ts';
import { SchedulerInput } from './scheduler.ts';
import { refuseSearch, searchShape } from './search-spec.ts';
import { StopInput } from './stop.ts';
import { isRecord, orText, shorthand, strict } from './written.ts';

const mostTrials = 100_000;
export const TrialCount = z.int().min(1).max(mostTrials);

/** The name of a specification, or that with the digest of a study. */
const earlier = /^[a-z0-9][a-z0-9-]{0,39}(-[0-9a-f]{12})?$/;

const Batch = strict({
  batch: z
    .int()
    .min(1)
    .max(1_000)
    .default(8)
    .describe(
      'At most so many trials train at the same time, and each is proposed without the outcomes of that many before it.',
    ),
});
/** False is as if it were left out. */
const Deterministic = shorthand(
  z.union([z.boolean(), Batch]),
  (given) => (given === true ? {} : given === false ? undefined : given),
  Batch.optional(),
);

const TuneForm = strict({
  trainable: TrainableRef.default('gbdt').describe(
    'What a trial trains: `gbdt` (gradient-boosted trees), `forest` (random forests), `linear` (ridge, lasso, logistic regression), `mlp` (a network), `onnx` (nothing: it chooses among models that are there), or the path of your own.',
  ),
  metric: Metric.optional().describe(
    "What a study goes by: a metric of the predictions, or a value of your trainable's own; `auc`, `log_loss` or `rmse` where it is left out, by what is predicted. A list of several, for instance `[auc, model_bytes]`: for the trials that no other is better than in all of them.",
  ),
  choose: Choose.optional().describe(
    'Of several objectives, which trial of the front is registered: `first`, the best by the first objective, where it is left out; `knee`, that which is nearest to the best in all; `{ within: 0.01 }`, the best by the others of those which are so near to the best by the first.',
  ),
  metrics: z
    .array(ModelMetric)
    .default([])
    .describe(
      'More metrics of the predictions, which each trial is told with; the study does not go by them.',
    ),
  trials: TrialCount.default(20).describe(
    'How many configurations are tried; of a grid all where it is left out.',
  ),
  lanes: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('Trials that train at the same time; as many as the machine has cores where it is left out.'),
  scheduler: SchedulerInput.default({ kind: 'asha', min: 10, max: 100, eta: 3, race: true }).describe(
    'Says how long a trial is trained: `asha`, `hyperband` and `successive_halving` raise the better ones from rung to rung, `median`, `percentile` and `patience` stop the worse ones on their way, `none` stops none.',
  ),
  stop: StopInput.optional().describe('What ends the study before it has had all of its trials.'),
  deterministic: Deterministic.describe(
    'The same table of trials, timing aside, however long each takes, how many lanes there are, and which of them die.',
  ),
  refit: z
    .boolean()
    .optional()
    .describe(
      'The best trial is trained once more, on all rows but those of the test side, and its model is the one that is registered. Left out: with folds it is.',
    ),
  warm_start: z
    .array(z.string().regex(earlier, 'use the id of a study, or the name of its specification'))
    .min(1)
    .max(20)
    .refine((names) => new Set(names).size === names.length, 'name each study once')
    .optional()
    .describe(
      'Other studies, by id or by the name of the specification (the newest of it): the sampler learns from their trials before it has any of its own.',
    ),
  ...searchShape,
}).superRefine((tune, check) => {
  const { trials, points = [], stop, deterministic, sampler } = tune;
  refuseSearch(tune, check);
  for (const { at, message } of objectiveMistakes(tune))
    check.addIssue({ code: 'custom', path: [...at], message });
  if (points.length > trials) {
    const message = `each point is a trial: raise trials or leave points out (given: ${points.length} points, ${trials} trials)`;
    check.addIssue({ code: 'custom', path: ['points'], message });
  }
  const one = stop?.target !== undefined ? 'target' : stop?.patience !== undefined ? 'patience' : undefined;
  if (one !== undefined && objectivesOf(tune.metric).length > 1) {
    const message = `${one} goes by one objective, and this study has several: stop it by time or failures`;
    check.addIssue({ code: 'custom', path: ['stop', one], message });
  }
  if (tune.warm_start && ['grid', 'random', 'sobol'].includes(sampler.kind)) {
    const message = `${sampler.kind} learns from no trial: use another sampler (gp, tpe, cmaes, nsga2 or auto), or leave warm_start out`;
    check.addIssue({ code: 'custom', path: ['warm_start'], message });
  }
  if (deterministic && stop?.time !== undefined) {
    const message = `how far a study comes in ${stop.time} is never the same twice: leave deterministic or stop.time out, or stop by target, patience or failures`;
    check.addIssue({ code: 'custom', path: ['stop', 'time'], message });
  }
});

export const Tune = shorthand(TuneForm, withBudget, TuneForm);

/** What trials get where the specification does not say, of trainables whose unit is not a tree: an epoch sees every row. */
const budgets: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  mlp: { min: 3, max: 27 },
  onnx: { min: 1, max: 1 },
};

/** Schedulers that have a first rung. */
const climbing = ['asha', 'hyperband', 'successive_halving'];

function withBudget(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const { trials = isGrid(given.sampler) ? mostTrials : undefined } = given;
  return { ...withScheduler(given), ...(trials !== undefined && { trials }) };
}

/** The whole of it is tried where nothing is said. */
const isGrid = (sampler: unknown): boolean => {
  const written = orText('kind')(sampler);
  return isRecord(written) && written.kind === 'grid';
};

function withScheduler(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const budget = budgets[String(given.trainable)];
  const scheduler = orText('kind')(given.scheduler ?? 'asha');
  if (budget === undefined || !isRecord(scheduler)) return given;
  const { max = budget.max } = scheduler;
  const climbs = climbing.some((kind) => kind === scheduler.kind);
  const own = climbs ? { max, min: Math.min(budget.min, Number(max)) } : { max };
  return { ...given, scheduler: { ...own, ...scheduler } };
}
