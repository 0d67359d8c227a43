import * as z from 'zod';
import { unknownName } from '../nearest.ts';
import { Scalar } from './names.ts';
import { isRecord, shorthand, strict } from './written.ts';

const oneOrMore = z
  .union([Scalar, z.array(Scalar).min(1)])
  .transform((given): readonly Scalar[] => (Array.isArray(given) ? given : [given]));

/** Only where each parameter that it names is there and has one of those values. */
const When = z.record(z.string(), oneOrMore);

const conditional = { when: When.exactOptional() };
const numeric = {
  low: z.number(),
  high: z.number(),
  log: z.boolean().default(false),
  /** Only low, low + step, low + 2 step and so on. */
  step: z.number().positive().exactOptional(),
  ...conditional,
};

/** One axis of a search space. */
export const Dimension = z
  .discriminatedUnion('kind', [
    strict({ kind: z.literal('float'), ...numeric }),
    strict({ kind: z.literal('int'), ...numeric, low: z.int(), high: z.int() }),
    strict({
      kind: z.literal('choice'),
      options: z.array(Scalar).min(1, 'a choice needs at least one option'),
      /** The options stand in an order: neighbours are alike. */
      ordered: z.boolean().exactOptional(),
      ...conditional,
    }),
  ])
  .superRefine((dimension, check) => {
    const refuse = (message: string) => check.addIssue({ code: 'custom', message });
    if (dimension.kind === 'choice') {
      const twice = dimension.options.find((option, at) => dimension.options.indexOf(option) < at);
      if (twice !== undefined) refuse(`an option stands once (given twice: ${JSON.stringify(twice)})`);
      return;
    }
    const { kind, low, high, log, step } = dimension;
    if (low >= high) refuse(`low must be below high (given: low ${low}, high ${high})`);
    if (log && low <= 0) refuse(`a logarithmic axis needs low above 0 (given: ${low})`);
    if (step === undefined) return;
    if (log) refuse('a logarithmic axis has no step: leave out log or step');
    if (kind === 'int' && !Number.isInteger(step))
      refuse(`the step of whole numbers is one too (given: ${step})`);
    if (step > high - low)
      refuse(`the step must not be larger than the range (given: step ${step}, low ${low}, high ${high})`);
  });
export type Dimension = z.infer<typeof Dimension>;

const when = {
  when: When.describe(
    'Only where each of these parameters is there and has that value, or one of those: `{ booster: dart }`.',
  ).optional(),
};
const DimensionInput = shorthand(
  z.union([
    z.array(Scalar).min(1).describe('One of these.'),
    Scalar.describe('Always this.'),
    strict({
      low: z.number().describe('The least value.'),
      high: z.number().describe('The greatest value.'),
      log: z.boolean().default(false).describe('Drawn evenly in its logarithm.'),
      integer: z.boolean().default(false).describe('Whole numbers only.'),
      step: z.number().positive().optional().describe('Only low, low + step, low + 2 step and so on.'),
      ...when,
    }),
    strict({
      options: z.array(Scalar).min(1).describe('One of these.'),
      ordered: z.boolean().optional().describe('They stand in an order: neighbours are alike.'),
      ...when,
    }),
  ]),
  dimensionOf,
  Dimension,
);

/** The axes by their parameters; what they depend on is there, and nothing depends on itself. */
export const Space = z.record(z.string(), DimensionInput).superRefine((space, check) => {
  for (const [name, { when = {} }] of Object.entries(space)) {
    const refuse = (message: string) => check.addIssue({ code: 'custom', path: [name], message });
    for (const [on, values] of Object.entries(when)) {
      const parent = Object.hasOwn(space, on) ? space[on] : undefined;
      if (parent === undefined) {
        refuse(unknownName('when names no parameter of the space', on, Object.keys(space)));
      } else if (!values.some((value) => canBe(parent, value))) {
        refuse(`when: ${on} is never ${values.map((value) => JSON.stringify(value)).join(' or ')}`);
      }
    }
    const cycle = cycleFrom(space, name);
    if (cycle) refuse(`when goes in a circle: ${cycle.join(' → ')}`);
  }
});
type Space = Readonly<Record<string, Dimension>>;

function canBe(dimension: Dimension, value: Scalar): boolean {
  if (dimension.kind === 'choice') return dimension.options.includes(value);
  return typeof value === 'number' && value >= dimension.low && value <= dimension.high;
}

/** The way from a parameter back to itself. */
function cycleFrom(space: Space, name: string): readonly string[] | undefined {
  const ways: string[][] = [[name]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const on of Object.keys(space[way.at(-1)!]?.when ?? {})) {
      if (on === name) return [...way, on];
      if (!seen.has(on)) ways.push([...way, on]);
      seen.add(on);
    }
  }
  return undefined;
}

/** `[a, b]` · `3` · `{ low, high, log?, integer?, step?, when? }` · `{ options, ordered?, when? }` */
function dimensionOf(given: unknown): unknown {
  if (Array.isArray(given)) return { kind: 'choice', options: given };
  if (!isRecord(given)) return { kind: 'choice', options: [given] };
  if ('kind' in given) return given;
  if ('options' in given) return { kind: 'choice', ...given };
  const { integer, ...axis } = given;
  return { kind: integer === true ? 'int' : 'float', ...axis };
}
