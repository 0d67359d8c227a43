import type { Spec } from '../contracts/spec.ts';
import { type Columns, namedColumns } from '../contracts/split-spec.ts';
import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import type { Field } from '../tables/batch.ts';

/** The table has what it is split by and, where no code makes others, the columns of `requireColumns`. */
export function requireTableColumns(spec: Spec, fields: readonly Field[]): void {
  const { id, group, time } = spec.columns;
  const by: Named[] = [
    ...rolesNamed({ id, group, ignore: [], ...(spec.split.by === 'time' && { time }) }),
    ...(spec.split.by === 'stratified' ? [['target', spec.target.column] as const] : []),
  ];
  requireAll(spec.split.features === undefined ? columnsOf(spec) : by, spec, fields);
  const times = spec.split.by === 'time' && fields.find(({ name }) => name === time);
  if (times && (times.type === 'string' || times.type === 'boolean')) {
    throw new FanfareError(
      'InvalidSpec',
      `columns.time: column ${times.name} of ${spec.table.path} holds ${times.type} values, and only times and numbers have an order. Times are ISO 8601 (2026-01-31, 2026-01-31T12:00+01:00); write them so, or as a number`,
    );
  }
}

/** The dataset has every column that the specification names. All mistakes at once, as `MissingInput`. */
export const requireColumns = (spec: Spec, fields: readonly Field[]): void =>
  requireAll(columnsOf(spec), spec, fields);

type Named = readonly [where: string, column: string];

const rolesNamed = (columns: Columns): Named[] =>
  namedColumns(columns).map(([role, name]) => [`columns.${role}`, name]);

/** `predict.keep` may name what code makes of a row when it is predicted. */
const columnsOf = ({ target, inputs = [], columns, predict }: Spec): Named[] => [
  ['target', target.column],
  ...rolesNamed(columns),
  ...inputs.map((name) => ['inputs', name] as const),
  ...(predict.table || predict.preprocess
    ? []
    : (predict.keep ?? []).map((name) => ['predict.keep', name] as const)),
];

function requireAll(named: readonly Named[], { table, split }: Spec, fields: readonly Field[]): void {
  const known = fields.map((field) => field.name);
  const what = split.features === undefined ? table.path : `${table.path} after split.features`;
  const wrong = named
    .filter(([, name]) => !known.includes(name))
    .map(([where, name]) => unknownName(`${where}: ${what} has no column`, name, known));
  if (wrong.length > 0) throw new FanfareError('MissingInput', wrong.join('\n'));
}
