import * as z from 'zod';
import { orText, shorthand, strict } from './written.ts';

/** So many rungs may a trial have: each is a claim, a checkpoint and a model of its own. */
const mostRungs = 100;

const max = z
  .int()
  .min(1)
  .default(100)
  .describe("The most that a trial gets, in units of the trainable's resource; 27 epochs for mlp.");

/** Of those that raise some trials from rung to rung. */
const climbing = {
  min: z
    .int()
    .min(1)
    .default(10)
    .describe("The first rung, in units of the trainable's resource (rounds, for gbdt); 3 epochs for mlp."),
  max,
  eta: z.number().min(2).default(3).describe('One trial in `eta` is promoted to the next rung.'),
  race: z
    .boolean()
    .default(true)
    .describe(
      'With folds: a trial that is worse on its first folds than others were on the same is not trained on the rest.',
    ),
};

/** Of those that look at a trial on its way, and stop it or let it go on. */
const stopping = {
  max,
  interval: z
    .int()
    .min(1)
    .optional()
    .describe(
      'A trial is looked at each time that it got so much more; a tenth of max where it is left out.',
    ),
  warmup: z
    .int()
    .min(0)
    .default(0)
    .describe('Nothing is stopped before it got so much, and it is looked at from there on.'),
};

const startup = z
  .int()
  .min(1)
  .max(10_000)
  .default(5)
  .describe('Nothing is stopped before so many trials were trained to the end.');

const minDelta = z.number().min(0).default(0).describe('What is better by no more than this is no better.');

const Form = z
  .discriminatedUnion('kind', [
    strict({
      kind: z.literal('asha').describe('Asynchronous successive halving: the best of each rung go on.'),
      ...climbing,
    }),
    strict({
      kind: z
        .literal('hyperband')
        .describe('asha in several brackets: some trials begin higher, in case the first rung misleads.'),
      ...climbing,
    }),
    strict({
      kind: z
        .literal('successive_halving')
        .describe('Brackets of trials; the best of a rung go on once all of the bracket have finished it.'),
      ...climbing,
      bracket: z
        .int()
        .min(2)
        .max(100_000)
        .optional()
        .describe('So many trials are compared; as many as leave one at the last rung where it is left out.'),
    }),
    strict({
      kind: z
        .literal('median')
        .describe('Stops a trial whose best value is worse than the median of others at the same rung.'),
      startup,
      ...stopping,
    }),
    strict({
      kind: z
        .literal('percentile')
        .describe('Stops a trial whose best value is not among the best `percentile` of others at its rung.'),
      percentile: z.number().gt(0).lt(100).default(25).describe('Of the others, so many in a hundred.'),
      startup,
      ...stopping,
    }),
    strict({
      kind: z.literal('patience').describe('Stops a trial that has not become better for a while.'),
      patience: z.int().min(1).default(3).describe('So many rungs without a better value end a trial.'),
      min_delta: minDelta,
      ...stopping,
    }),
    strict({ kind: z.literal('none').describe('Every trial is trained to the end.'), max }),
  ])
  .superRefine((scheduler, check) => {
    const refuse = (message: string) => check.addIssue({ code: 'custom', message });
    const { max } = scheduler;
    if ('min' in scheduler && scheduler.min > max)
      refuse(`min must not exceed max (given: min ${scheduler.min}, max ${max})`);
    if (!('warmup' in scheduler)) return;
    const { warmup, interval = Math.ceil(max / 10) } = scheduler;
    if (warmup > max) refuse(`warmup must not exceed max (given: warmup ${warmup}, max ${max})`);
    if (interval > max) refuse(`interval must not exceed max (given: interval ${interval}, max ${max})`);
    if ((max - warmup) / interval > mostRungs)
      refuse(
        `a trial is looked at ${mostRungs} times at most, each of which costs a checkpoint and a model: from ${warmup} to ${max} by ${interval} it would be ${Math.ceil((max - warmup) / interval)} times; use an interval of ${Math.ceil((max - warmup) / mostRungs)} or more`,
      );
  });
/** As a specification has it. */
export type SchedulerForm = z.infer<typeof Form>;

const kinds = Form.options.map(({ shape }) => shape.kind.value);

/** A scheduler by its name alone, or with its settings. */
export const SchedulerInput = shorthand(z.union([z.enum(kinds), Form]), orText('kind'), Form);

/** Rung k has had `rungs[k]` of the resource in all. */
const rungs = z.array(z.int().min(1)).min(1);

/** As a study has it. */
export const Scheduler = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('asha'), eta: z.number(), rungs }),
  /** A trial of a higher bracket begins at a higher rung, which is its rung 0. */
  z.strictObject({ kind: z.literal('hyperband'), eta: z.number(), rungs }),
  /** Of `bracket` trials each. */
  z.strictObject({ kind: z.literal('successive_halving'), eta: z.number(), bracket: z.int(), rungs }),
  z.strictObject({ kind: z.literal('percentile'), percentile: z.number(), startup: z.int(), rungs }),
  z.strictObject({ kind: z.literal('patience'), patience: z.int(), min_delta: z.number(), rungs }),
  z.strictObject({ kind: z.literal('none'), rungs: rungs.length(1) }),
]);
export type Scheduler = z.infer<typeof Scheduler>;
