import * as z from 'zod';
import { orText, shorthand, strict } from './written.ts';

const startup = z
  .int()
  .min(1)
  .max(10_000)
  .default(10)
  .describe('So many trials are spread at random; then it learns from them.');

/** What proposes configurations. */
export const Sampler = z.discriminatedUnion('kind', [
  strict({ kind: z.literal('random').describe('Each parameter by itself.') }),
  strict({
    kind: z.literal('grid').describe('Every combination once, in an order by chance.'),
    points: z
      .int()
      .min(2)
      .max(1000)
      .optional()
      .describe(
        'So many values, evenly from end to end, have floats without a step and whole numbers that have more.',
      ),
  }),
  strict({
    kind: z.literal('sobol').describe('Evenly over all axes at once, by a low-discrepancy sequence.'),
  }),
  strict({
    kind: z.literal('tpe').describe('Tree-structured Parzen estimator: more where good trials were.'),
    startup,
    candidates: z.int().min(1).max(10_000).default(24).describe('Places that are weighed up for each trial.'),
  }),
  strict({
    kind: z
      .literal('cmaes')
      .describe('Evolution strategy (CMA-ES): for numbers, and a thousand trials or more.'),
  }),
  strict({
    kind: z
      .literal('gp')
      .describe('Bayesian optimisation by a Gaussian process: fewest trials, most thought.'),
    startup,
  }),
  strict({
    kind: z.literal('nsga2').describe('Genetic algorithm (NSGA-II), for several objectives.'),
    population: z
      .int()
      .min(2)
      .max(10_000)
      .default(10)
      .describe(
        'So many trials are spread evenly; then at least so many of the best are parents of the next.',
      ),
  }),
]);
export type Sampler = z.infer<typeof Sampler>;

const auto = strict({
  kind: z
    .literal('auto')
    .describe(
      'gp for at most 150 trials of at most 40 parameters; for more tpe, or cmaes for 1,000 or more of floats alone; nsga2 where there are several objectives.',
    ),
});
/** What a specification says: a sampler, or that one is chosen. */
export const SamplerChoice = z.discriminatedUnion('kind', [auto, ...Sampler.options]);
export type SamplerChoice = z.infer<typeof SamplerChoice>;

const kinds = SamplerChoice.options.map(({ shape }) => shape.kind.value);

/** A sampler by its name alone, or with its settings. */
export const SamplerInput = shorthand(z.union([z.enum(kinds), SamplerChoice]), orText('kind'), SamplerChoice);
