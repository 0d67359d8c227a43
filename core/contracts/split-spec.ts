import * as z from 'zod';
import { CodeRef } from './names.ts';
import { isRecord, shorthand, strict } from './written.ts';

/** What columns mean that are neither the target nor seen by models. */
export const Columns = strict({
  id: z
    .string()
    .optional()
    .describe('What names a row: its side follows from this. Left out, a row is its place in its file.'),
  weight: z
    .string()
    .optional()
    .describe('How much a row counts, 0 or more, when models are trained and scored.'),
  group: z
    .string()
    .optional()
    .describe('Rows with the same value of this column fall on the same side, and into the same fold.'),
  time: z.string().optional().describe('When a row was: what `split.by: time` goes by.'),
  ignore: z.array(z.string()).default([]).describe('Columns that models do not see.'),
}).superRefine((columns, check) => {
  const named = namedColumns(columns);
  for (const [at, [role, name]] of named.entries()) {
    const other = named.slice(0, at).find(([, each]) => each === name);
    if (other) {
      const message = `column ${JSON.stringify(name)} cannot be both ${other[0]} and ${role}`;
      check.addIssue({ code: 'custom', path: [role], message });
    }
  }
});
export type Columns = z.infer<typeof Columns>;

/** Each column that has a role, with the role's name; `ignore` may have several. */
export const namedColumns = ({ ignore, ...roles }: Columns): (readonly [role: string, column: string])[] => [
  ...Object.entries(roles).flatMap(([role, name]) => (name === undefined ? [] : [[role, name] as const])),
  ...ignore.map((name) => ['ignore', name] as const),
];

export const Fraction = z.number().min(0).max(1);

const usual = { train: 0.7, validation: 0.15, test: 0.15 };
const mostFolds = 100;

const Form = strict(
  {
    by: z
      .enum(['hash', 'stratified', 'time'])
      .default('hash')
      .describe(
        'How rows are dealt out. `hash`: by chance, each for itself; `stratified`: by chance, each class of the target in the same shares; `time`: the earliest learn, the latest test.',
      ),
    folds: z
      .int()
      .min(2)
      .max(mostFolds)
      .optional()
      .describe('The training side is cut into so many, in place of a validation side: cross-validation.'),
    train: Fraction.default(usual.train).describe('The share of rows that trials learn from.'),
    validation: Fraction.default(usual.validation).describe('The share of rows that trials are compared by.'),
    test: Fraction.default(usual.test).describe('The share of rows that the winner is evaluated on.'),
    seed: z.int().default(0).describe('Another seed is another split.'),
    features: CodeRef.optional().describe(
      "A mapping of each side's rows before they are written: derives columns, drops rows.",
    ),
  },
  { key: 'what keeps rows together is called columns.group: write columns: { group: … } beside split' },
);

const Checked = Form.superRefine(({ folds, train, validation, test }, check) => {
  const refuse = (message: string) => check.addIssue({ code: 'custom', message });
  const sum = train + validation + test;
  if (Math.abs(sum - 1) > 1e-9) {
    const given = `given: ${train} + ${validation} + ${test} = ${sum}`;
    refuse(`train, validation and test must add up to 1 (${given})`);
  }
  if (folds === undefined && (train === 0 || validation === 0)) {
    refuse('train and validation must both be above 0');
  }
  if (folds !== undefined && validation > 0) {
    refuse(`with folds each fold is validated on in turn: leave validation out (given: ${validation})`);
  }
  if (folds !== undefined && train === 0) refuse('train must be above 0');
});

/** Which rows trials learn from, are compared by and evaluated on. */
export const Split = shorthand(Form, withoutValidation, Checked);
export type Split = z.infer<typeof Split>;

/** With folds there is no validation side, and what is not for the test is for training. */
function withoutValidation(given: unknown): unknown {
  if (!isRecord(given) || given.folds === undefined) return given;
  const { test = usual.test } = given;
  return { validation: 0, ...(typeof test === 'number' && { train: 1 - test }), ...given };
}
