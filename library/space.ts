import type { Scalar } from '../core/contracts/names.ts';

/** For the parameter to be there: each of these is there and has that value, or one of those. */
type When = Readonly<Record<string, Scalar | readonly Scalar[]>>;
interface Conditional {
  readonly when?: When;
}
interface NumberOptions extends Conditional {
  /** Drawn evenly in its logarithm. */
  readonly log?: boolean;
  /** Only low, low + step, low + 2 step and so on. */
  readonly step?: number;
}
interface ChoiceOptions extends Conditional {
  /** They stand in an order: neighbours are alike. */
  readonly ordered?: boolean;
}

/** One axis as a specification says it: what `float`, `int` and `choice` give, a list of options, or a constant. */
export type Axis =
  | Scalar
  | readonly Scalar[]
  | ({ readonly low: number; readonly high: number; readonly integer?: boolean } & NumberOptions)
  | ({ readonly options: readonly Scalar[] } & ChoiceOptions);

/** The axes by their parameters. */
export type Axes = Readonly<Record<string, Axis>>;

type None = Readonly<Record<never, never>>;

/** A number from low to high, both included. */
export const float = <const Options extends NumberOptions = None>(
  low: number,
  high: number,
  options?: Options,
): { low: number; high: number } & NoInfer<Written<Options>> => ({
  low,
  high,
  ...(options as Written<Options>),
});

/** A whole number from low to high, both included. */
export const int = <const Options extends NumberOptions = None>(
  low: number,
  high: number,
  options?: Options,
): { low: number; high: number; integer: true } & NoInfer<Written<Options>> => ({
  ...{ low, high, integer: true },
  ...(options as Written<Options>),
});

/** One of these. */
export const choice = <const Option extends Scalar, const Options extends ChoiceOptions = None>(
  options: readonly Option[],
  more?: Options,
): { options: NoInfer<Option>[] } & NoInfer<Written<Options>> => ({
  options: [...options],
  ...(more as Written<Options>),
});

/**
 * A search space: what `tune.space` of a specification may be, and `openSearch`. Gives back what it is given; the compiler knows
 * the parameters that its trials have (`TrialParams`), and holds conditions to parameters and values that there are.
 */
export const defineSpace = <const Space extends Axes>(space: Space & Held<Space>): Written<Space> =>
  space as unknown as Written<Space>;

/**
 * The parameters of a trial of the space: `{ readonly rate: number; readonly booster: 'trees' | 'dart'; readonly drop?: number }`.
 * Those with a condition may not be there.
 */
export type TrialParams<Space> = Flat<
  {
    readonly [Name in keyof Space as Space[Name] extends Required<Conditional> ? never : Name]: ValueOf<
      Space[Name]
    >;
  } & {
    readonly [Name in keyof Space as Space[Name] extends Required<Conditional> ? Name : never]?: ValueOf<
      Space[Name]
    >;
  }
>;

type ValueOf<One> = One extends { readonly options: readonly (infer Option)[] }
  ? Option
  : One extends readonly (infer Option)[]
    ? Option
    : One extends { readonly low: number }
      ? number
      : One;

/** What conditions may say: names of the space, and values of theirs. */
type Held<Space> = {
  readonly [Name in keyof Space]: Space[Name] extends { readonly when: infer Condition }
    ? {
        readonly when: {
          readonly [On in keyof Condition]: On extends keyof Space
            ? ValueOf<Space[On]> | readonly ValueOf<Space[On]>[]
            : never;
        };
      }
    : unknown;
};

/** With lists that may be written to, as those of a specification may. */
type Written<T> = T extends readonly (infer Each)[]
  ? Each[]
  : T extends object
    ? { -readonly [Key in keyof T]: Written<T[Key]> }
    : T;

type Flat<T> = { [Key in keyof T]: T[Key] };
