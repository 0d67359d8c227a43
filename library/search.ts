import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Direction } from '../core/contracts/metrics.ts';
import { Params } from '../core/contracts/names.ts';
import { samplerMistakes } from '../core/contracts/objectives.ts';
import type { SamplerInput } from '../core/contracts/sampler.ts';
import { refuseSearch, searchShape } from '../core/contracts/search-spec.ts';
import { strict } from '../core/contracts/written.ts';
import { FanfareError } from '../core/errors.ts';
import { chooseSampler } from '../core/search/choose-sampler.ts';
import { gridSize } from '../core/search/grid.ts';
import { frontsOf, type Losses } from '../core/search/pareto.ts';
import { propose, searchOf } from '../core/search/propose.ts';
import type { Observed } from '../core/search/tpe.ts';
import { parseBy } from '../core/spec/read.ts';
import type { Axes, TrialParams } from './space.ts';

/** What is searched, as `tune` of a specification says it. */
export interface SearchOptions<Space extends Axes> {
  readonly space: Space;
  /** Which way a value is better: `minimize`, unless it is said; a list for several objectives. */
  readonly direction?: Direction | readonly [Direction, ...Direction[]];
  /** By its name, or with its settings; `auto`, where it is left out, chooses by the space and by `trials`. */
  readonly sampler?: z.input<typeof SamplerInput>;
  /** About how many trials there will be: 100, unless it is said. */
  readonly trials?: number;
  readonly seed?: number;
  readonly constraints?: readonly string[];
  readonly points?: readonly Partial<TrialParams<Space>>[];
  /** What `toJSON` gave of a search of the same options: it goes on from there. */
  readonly saved?: unknown;
}

/** A trial that was asked for. Of several objectives, `value` is the first. */
export type SearchTrial<P> = { readonly number: number; readonly params: P } & (
  | { readonly state: 'running' | 'failed' }
  | { readonly state: 'complete'; readonly value: number; readonly values: readonly number[] }
);
export type CompleteTrial<P> = Extract<SearchTrial<P>, { readonly state: 'complete' }>;

/** A search in the hands of a program: it asks, tries by itself, and tells. Several trials may be out at once. */
export interface Search<P> {
  /** The parameters of the next trial, by all that was told so far. `StudyFailed` where none is left. */
  ask(): { readonly number: number; readonly params: P };
  /**
   * What a trial came to: a value, one for each objective, or that it failed, which samplers learn from too; what is no finite
   * number is a failure. Told again, it must be the same.
   */
  tell(number: number, value: number | readonly number[] | 'failed'): void;
  /** In the order in which they were asked for. */
  readonly trials: readonly SearchTrial<P>[];
  /** By the first objective; the earlier of two that are alike. Undefined before any value was told. */
  readonly best: CompleteTrial<P> | undefined;
  /** Those that no other is better than in every objective. */
  readonly front: readonly CompleteTrial<P>[];
  /** How many trials can still be asked for: those of a grid, and else Infinity. */
  readonly left: number;
  /** All that it knows, for `saved`. */
  toJSON(): object;
}

const Told = z.array(z.number()).min(1);
/** A trial that was asked for: its values, that it failed, or null while it is out. */
const Trial = z.strictObject({ params: Params, told: z.union([Told, z.literal('failed'), z.null()]) });
type Trial = z.infer<typeof Trial>;

const direction = z.enum(['maximize', 'minimize']);
const Design = strict({
  ...searchShape,
  direction: z
    .union([direction, z.array(direction).min(1)])
    .default('minimize')
    .transform((given) => [given].flat()),
  trials: z.int().min(1).default(100),
}).superRefine((design, check) => {
  refuseSearch(design, check);
  for (const { at, message } of samplerMistakes(design.sampler, design.direction.length))
    check.addIssue({ code: 'custom', path: [...at], message });
});
type Design = z.infer<typeof Design>;

const Saved = strict({ search: z.record(z.string(), z.unknown()), trials: z.array(Trial) });

/** Opens a search, or goes on with one that was saved. `InvalidSpec` names what cannot be meant. */
export function openSearch<const Space extends Axes>({
  saved,
  ...options
}: SearchOptions<Space>): Search<TrialParams<Space>> {
  const design = parseBy(Design, options, 'search');
  const sampler = chooseSampler(design.sampler, design.space, design.trials, design.direction.length);
  const search = searchOf({ ...design, sampler });
  const trials: Trial[] = saved === undefined ? [] : trialsOf(saved, design);
  const complete = () => trials.map(shown).filter((trial) => trial.state === 'complete');
  const left = () => (sampler.kind === 'grid' ? gridSize(search, sampler) - trials.length : Infinity);

  return {
    ask() {
      if (left() <= 0)
        throw new FanfareError('StudyFailed', `all ${trials.length} combinations of the grid were asked for`);
      const number = trials.length;
      const params = propose(search, number, trials.map(observed));
      trials.push({ params, told: null });
      return { number, params: params as TrialParams<Space> };
    },
    tell(number, value) {
      const trial = trials[number];
      if (trial === undefined) throw unasked(number, trials.length);
      const told = toldOf(value, design);
      if (trial.told !== null && !isDeepStrictEqual(trial.told, told))
        throw new FanfareError('InvalidSpec', `trial ${number} was told already: ${trial.told}`);
      trial.told = told;
    },
    get trials() {
      return trials.map(shown);
    },
    get best() {
      const sign = signOf(design.direction[0]!);
      return complete().sort((a, b) => sign * (a.value - b.value) || a.number - b.number)[0];
    },
    get front() {
      const all = complete();
      const [first = []] = frontsOf(all.map(({ values }) => lossesOf(values)));
      return first.map((place) => all[place]!);
    },
    get left() {
      return left();
    },
    toJSON: () => ({ search: design, trials }),
  };

  function shown({ params, told }: Trial, number: number): SearchTrial<TrialParams<Space>> {
    const trial = { number, params: params as TrialParams<Space> };
    if (told === null) return { ...trial, state: 'running' };
    if (told === 'failed') return { ...trial, state: 'failed' };
    return { ...trial, state: 'complete', value: told[0]!, values: [...told] };
  }

  function observed({ params, told }: Trial, number: number): Observed {
    if (told === null) return { number, params, state: { kind: 'running' } };
    if (told === 'failed') return { number, params, state: { kind: 'failed' } };
    return { number, params, state: { kind: 'value', rung: 0, losses: lossesOf(told) } };
  }

  function lossesOf(values: readonly number[]): Losses {
    return values.map((value, k) => signOf(design.direction[k]!) * value) as unknown as Losses;
  }
}

const signOf = (direction: Direction): number => (direction === 'maximize' ? -1 : 1);

function toldOf(value: number | readonly number[] | 'failed', { direction }: Design): number[] | 'failed' {
  if (value === 'failed') return value;
  const values = typeof value === 'number' ? [value] : [...value];
  if (values.length !== direction.length) {
    const told = `told ${values.length} values, and there are ${direction.length} objectives (${direction.join(', ')})`;
    throw new FanfareError('InvalidSpec', told);
  }
  return values.every(Number.isFinite) ? values : 'failed';
}

function unasked(number: number, asked: number): FanfareError {
  const known = asked === 0 ? 'none was' : `asked for: 0 to ${asked - 1}`;
  return new FanfareError('InvalidSpec', `trial ${number} was not asked for (${known})`);
}

/** The trials of a search that was saved, if it is this one. */
function trialsOf(saved: unknown, design: Design): Trial[] {
  const { search, trials } = parseBy(Saved, saved, 'saved');
  const own: Record<string, unknown> = JSON.parse(JSON.stringify(design));
  for (const name of new Set([...Object.keys(own), ...Object.keys(search)])) {
    if (isDeepStrictEqual(search[name], own[name])) continue;
    const was = JSON.stringify(search[name]);
    throw new FanfareError(
      'InvalidSpec',
      `what was saved is another search: its ${name} was ${was}; open it with that, or leave saved out to begin anew`,
    );
  }
  return trials;
}
