import * as z from 'zod';
import { allMetrics, costs, isCost, isMetric, ofQuantile } from './metrics.ts';
import { isBuiltIn, type TrainableRef } from './names.ts';
import type { SamplerChoice } from './sampler.ts';
import type { SchedulerForm } from './scheduler.ts';
import { shorthand, strict } from './written.ts';

const known = `${allMetrics.join(', ')}, quantile_loss_0.9`;

export const ModelMetric = shorthand(
  z.union([
    z.enum(allMetrics as [string, ...string[]]),
    z
      .string()
      .regex(ofQuantile)
      .describe('Of another quantile than the median, for instance quantile_loss_0.9.'),
  ]),
  (given) => given,
  z.string().refine(isMetric, { error: `use ${known}`, abort: true }),
);

const OwnMetric = strict({
  name: z.string().min(1).describe('What your trainable calls it.'),
  mode: z.enum(['min', 'max']).describe('Which way it is better.'),
});

const own = "for a value of your trainable's own, { name: …, mode: min } or { name: …, mode: max }";
const mostObjectives = 5;

const Objective = z.union(
  [ModelMetric, z.enum(costs).describe("A cost that each trial's model has."), OwnMetric],
  {
    error: ({ input }) => `use ${known}, ${costs.join(', ')} or, ${own} (given: ${JSON.stringify(input)})`,
  },
);
/** A metric of the predictions or a cost, by its name, or a value of a trainable's own. */
export type Objective = z.infer<typeof Objective>;

const Objectives = z
  .array(Objective)
  .min(1, 'name a metric')
  .max(mostObjectives, `at most ${mostObjectives} objectives: of more nearly all trials are on the front`);

const One = z.union([ModelMetric, OwnMetric], {
  error: `use ${known}, ${own}, or a list of such`,
});

/** What a study goes by. */
export const Metric = shorthand(
  z.union([ModelMetric, OwnMetric, Objectives]),
  (given) => given,
  z.unknown().transform((given, check): Objective | Objective[] => {
    const form = Array.isArray(given) ? Objectives : One;
    const { data, error } = form.safeParse(given);
    for (const { path, message } of error?.issues ?? [])
      check.addIssue({ code: 'custom', path: [...path], message });
    return data ?? z.NEVER;
  }),
);

/** All of them, the one that trials are told by first. None: the usual one of what is predicted. */
export const objectivesOf = (metric: Objective | readonly Objective[] | undefined): readonly Objective[] =>
  metric === undefined ? [] : typeof metric === 'object' && 'name' in metric ? [metric] : [metric].flat();

export const nameOf = (objective: Objective): string =>
  typeof objective === 'object' ? objective.name : objective;

/** Which trial of the front is the study's. */
export const Choose = z.union(
  [
    z.enum(['first', 'knee']),
    strict({
      within: z
        .number()
        .min(0)
        .describe(
          'By so much may the first objective be worse than its best; of those the best by the others.',
        ),
    }),
  ],
  { error: 'use first, knee or { within: 0.01 }' },
);
export type Choose = z.infer<typeof Choose>;

/** What is asked of several objectives together. */
export interface Asked {
  readonly trainable: z.infer<typeof TrainableRef>;
  readonly metric?: Objective | readonly Objective[] | undefined;
  readonly sampler: SamplerChoice;
  readonly scheduler: SchedulerForm;
  readonly choose?: Choose | undefined;
}

interface Mistake {
  readonly at: readonly (string | number)[];
  readonly message: string;
}

/** Those of one objective look at one value. */
const ofOne = { samplers: ['cmaes'], schedulers: ['median', 'percentile', 'patience'] };

export function objectiveMistakes({
  trainable,
  metric,
  sampler,
  scheduler,
  choose,
}: Asked): readonly Mistake[] {
  const objectives = objectivesOf(metric);
  const at = (k: number) => (Array.isArray(metric) ? ['metric', k] : ['metric']);
  const names = objectives.map(nameOf);
  const mistakes = objectives.flatMap((objective, k): Mistake[] => {
    const wrong = (message: string) => [{ at: at(k), message }];
    const name = names[k]!;
    if (names.indexOf(name) < k) return wrong(`an objective stands once (given twice: ${name})`);
    if (typeof objective !== 'object')
      return isCost(name) && k === 0
        ? wrong(`${name} is a cost of something: name that first, as in [${allMetrics[0]}, ${name}]`)
        : [];
    if (isMetric(name)) return wrong(`${name} is computed from the model: write ${name} alone`);
    if (isCost(name)) return wrong(`${name} is told of each model: write ${name} alone`);
    if (!isBuiltIn(trainable)) return [];
    return wrong(
      `${trainable} is judged by its predictions: ${known} (given: ${name}); a value of your own needs a trainable of your own`,
    );
  });
  if (objectives.length < 2)
    return choose === undefined
      ? mistakes
      : [
          ...mistakes,
          { at: ['choose'], message: 'of one objective the best trial is chosen: leave choose out' },
        ];
  mistakes.push(...samplerMistakes(sampler, objectives.length));
  if (ofOne.schedulers.includes(scheduler.kind))
    mistakes.push({
      at: ['scheduler'],
      message: `${scheduler.kind} stops trials by one objective: use asha, hyperband, successive_halving or none`,
    });
  return mistakes;
}

/** Of a sampler that cannot search by so many objectives. */
export function samplerMistakes({ kind }: SamplerChoice, objectives: number): readonly Mistake[] {
  if (objectives < 2 || !ofOne.samplers.includes(kind)) return [];
  const message = `${kind} searches by one objective: use auto, gp, nsga2, tpe, sobol, grid or random`;
  return [{ at: ['sampler'], message }];
}
