import * as z from 'zod';
import { fieldTypes } from '../tables/batch.ts';
import { inputFormats, tableFormats } from '../tables/format.ts';
import { CodeRef, Digest, Identity, Name, Scalar } from './names.ts';
import { Columns, Fraction, namedColumns, Split } from './split-spec.ts';
import { taskKinds } from './task.ts';
import { Tune } from './tune-spec.ts';
import { isRecord, orText, shorthand, strict } from './written.ts';

const task = z
  .enum(taskKinds)
  .optional()
  .describe(
    'What the column holds. Where it is left out, strings, booleans and at most 20 different whole numbers are classes, other numbers a quantity.',
  );

/** What is predicted: a column's classes or quantity; or whether a number is above a limit, or a value is this one. A row without it is left out. */
export const Target = z.discriminatedUnion('kind', [
  strict({ kind: z.literal('column'), column: z.string(), task }),
  strict({ kind: z.literal('above'), column: z.string(), above: z.number() }),
  strict({ kind: z.literal('equals'), column: z.string(), equals: Scalar }),
]);
export type Target = z.infer<typeof Target>;

const column = z.string().describe('The column that it is made of.');
const TargetInput = shorthand(
  z.union([
    z.string(),
    strict({ column, task }),
    strict({ column, above: z.number().describe('A row above it is 1.') }),
    strict({ column, equals: Scalar.describe('A row with it is 1.') }),
  ]),
  targetOf,
  Target,
).describe(
  'What is predicted: the classes or the quantity of a column; or whether a number is above a limit, or a value is this one. A row without it is left out.',
);

const TableForm = strict({
  path: z
    .string()
    .min(1)
    .describe('A file, a folder or a `*` pattern, relative to the specification; `s3://bucket/key` on AWS.'),
  format: z
    .enum(inputFormats)
    .optional()
    .describe(
      "Told by the file's ending where it is left out; `objects` makes each file a row, whose bytes `predict.preprocess` is given.",
    ),
  delimiter: z
    .string()
    .length(1)
    .optional()
    .describe('What parts the cells of a CSV file; `,` where it is left out.'),
  columns: z
    .record(z.string(), z.enum(fieldTypes))
    .default({})
    .describe('Types of columns that should not be inferred.'),
  shard_bytes: z
    .int()
    .min(1)
    .optional()
    .describe(
      'About how many bytes one function reads: a sixteenth of the table where it is left out, but 1 to 32 MiB, as columns too; to predict, up to 128 MiB, and 256 as columns.',
    ),
  shards: z
    .int()
    .min(1)
    .optional()
    .describe('How many shards to cut the table into, in place of `shard_bytes`.'),
});
const Table = shorthand(z.union([z.string(), TableForm]), orText('path'), TableForm);
export type Table = z.infer<typeof Table>;

const ModelForm = strict({
  name: z
    .string()
    .regex(/^[^/:.%"'@]{1,200}$/, 'use 1 to 200 characters, none of / : . % " \' @')
    .describe('The registered model that winners become versions of.'),
  alias: z
    .string()
    .regex(
      /^(?!latest$|LATEST$|[vV][0-9]+$)[A-Za-z0-9_-]{1,200}$/,
      'use 1 to 200 letters, digits, _ and -; latest and v1, v2 … are MLflow’s own',
    )
    .default('champion')
    .describe('What the version in use is called.'),
  margin: z
    .number()
    .min(0)
    .default(0)
    .describe('The alias moves when the test metric is better by more than this.'),
});
const Model = shorthand(z.union([z.string(), ModelForm]), orText('name'), ModelForm).describe(
  'Where winners are registered: under the `name` of the specification where it is left out.',
);

const ToleranceForm = strict({
  share: Fraction.default(1).describe('The job fails when more than this share of its rows is rejected.'),
  rows: z.int().min(0).optional().describe('The job fails when more rows than this are rejected.'),
});
const Tolerance = shorthand(
  z.union([Fraction, ToleranceForm]),
  (given) => (typeof given === 'number' ? { share: given } : given),
  ToleranceForm,
);
export type Tolerance = z.infer<typeof ToleranceForm>;

const Rejects = strict({
  prediction: Identity.describe('Which one rejected them.'),
  mended: Digest.optional().describe('The lines that a person changed, as they lie in its folder.'),
});

const Predict = strict({
  table: Table.optional().describe('What is predicted: the test partition where it is left out.'),
  model: z
    .string()
    .optional()
    .describe(
      '`models:/name@alias`, `models:/name/3`, `models:/m-…`, `runs:/<run>/<path>`, `s3://bucket/key.onnx`, `sha256:<digest>` or an .onnx file, relative to the specification; the alias of `model` where it is left out.',
    ),
  inputs: z
    .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
    .optional()
    .describe(
      "Columns that go into the model's inputs, by the inputs' names: one, or a matrix's in their order. Left out: the columns of the inputs' names, or those of the signature in MLflow.",
    ),
  outputs: z
    .union([z.string(), z.array(z.string()).min(1), z.record(z.string(), z.string())])
    .optional()
    .describe(
      'What is written: outputs of the model by their names, `probability`, `class` or `raw` (all of them, as where it is left out); `{ output: column }` names the columns.',
    ),
  format: z.enum(tableFormats).default('parquet').describe('Of the files that are written.'),
  keep: z
    .array(z.string())
    .optional()
    .describe('Columns carried along into the output: all where it is left out.'),
  partition_by: z
    .string()
    .optional()
    .describe(
      'A column of the output: rows with one value of it go to a folder of their own, `column=value/`, and the files leave it out.',
    ),
  tolerance: Tolerance.prefault(0).describe(
    'The job fails when more than this share of its rows is rejected; `{ share, rows }` bounds their number too.',
  ),
  drift: z
    .boolean()
    .default(true)
    .describe('Compare what is predicted with what the model was trained on, column by column.'),
  rejects: Rejects.optional().describe(
    'Instead of a table what another prediction rejected: fanfare retry-rejects asks for it.',
  ),
  preprocess: CodeRef.optional().describe(
    'A mapping of what the model is given, which keeps the number of rows.',
  ),
  postprocess: CodeRef.optional().describe('A mapping of what is written, which keeps the number of rows.'),
});

/** A pipeline's specification, as a person writes it in YAML. `split`, `tune` and `predict` read their part of the same file. */
export const Spec = strict({
  name: Name.describe('What datasets, studies and predictions are called by; 1 to 40 of a-z, 0-9 and -.'),
  table: Table.describe('The table: a path, or a path and how to read it.'),
  target: TargetInput,
  inputs: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Columns that the model sees: all but the target and those of `columns` where it is left out.'),
  columns: Columns.prefault({}).describe('What columns mean that the model does not see.'),
  split: Split.prefault({}).describe('Which rows trials learn from, are compared by and evaluated on.'),
  tune: Tune.describe('The search.'),
  model: Model.optional(),
  predict: Predict.prefault({}).describe('What is predicted, and how it is written.'),
  experiment: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('The MLflow experiment; `name` where it is left out.'),
}).superRefine(({ target, columns, split }, check) => {
  const refuse = (path: string[], message: string) => check.addIssue({ code: 'custom', path, message });
  const taken = namedColumns(columns).find(([, name]) => name === target.column);
  if (taken) refuse(['columns', taken[0]], `column ${JSON.stringify(target.column)} is the target`);
  if (split.by === 'time' && columns.time === undefined) {
    refuse(['split', 'by'], 'a split by time goes by a column: write columns: { time: … }');
  }
  if (split.by !== 'hash' && columns.group !== undefined) {
    const why = { stratified: 'hold several classes', time: 'be of several times' }[split.by];
    refuse(
      ['split', 'by'],
      `rows of one ${columns.group} (columns.group) stay together, and may ${why}: use by: hash, or leave columns.group out`,
    );
  }
});
export type Spec = z.infer<typeof Spec>;

const { name, table, columns, model, predict, experiment } = Spec.shape;
const forPrediction = { name, table, target: TargetInput.optional(), columns, model, predict, experiment };

/** What a prediction takes of a specification. Any `Spec` is one; one for a table that was uploaded has no more than this. */
export const PredictionSpec = z.object(forPrediction);
export type PredictionSpec = z.infer<typeof PredictionSpec>;

/** One that a person wrote for predictions alone: with neither `tune` nor what goes with it. */
export const PredictionOnly = strict(forPrediction);

/** What `fanfare map` is asked for: a dataset of that name, of which every partition is one of `dataset`'s, mapped. */
export const MapSpec = strict({ name: Name, dataset: Identity, map: CodeRef });
export type MapSpec = z.infer<typeof MapSpec>;

/** Where winners are registered: under the specification's own name where it says nothing. */
export const registryOf = ({ name, model }: Pick<Spec, 'name' | 'model'>): z.infer<typeof Model> =>
  model ?? { name, alias: 'champion', margin: 0 };

/** `delay_over_15` · `{ column: delay, above: 15 }` · `{ column: class, equals: yes }` */
function targetOf(given: unknown): unknown {
  if (typeof given === 'string') return { kind: 'column', column: given };
  if (!isRecord(given) || 'kind' in given) return given;
  const kind = 'above' in given ? 'above' : 'equals' in given ? 'equals' : 'column';
  return { kind, ...given };
}
