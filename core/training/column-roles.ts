import type { DescribedColumn } from '../contracts/described.ts';
import type { Spec } from '../contracts/spec.ts';
import { namedColumns } from '../contracts/split-spec.ts';
import { distinctOf as distinctWords } from '../tables/categories.ts';
import { distinctCount } from '../tables/distinct.ts';
import type { ColumnProfile, Profile } from '../tables/profile.ts';
import { exactBits } from '../tables/sketch.ts';

/** What a specification says of columns; of a table alone, nothing. */
export type Named = Partial<Pick<Spec, 'target' | 'columns' | 'inputs'>>;

/**
 * Each column's role, and why: what the specification names, and for the rest these rules, the first that fits.
 *
 * - Left out, since nothing can be learned from it: a column without a value, or with one value in every row, and a
 *   category that has another value in nine rows of ten.
 * - An id: whole numbers, or words, nine of ten different, in a column that is called id, key, uuid or the like.
 * - A feature: everything else; one with half as many words as rows with a warning, and numbers of which some are infinite.
 */
export function describeColumns(profile: Profile, named: Named): readonly DescribedColumn[] {
  return profile.columns.map((column) => {
    const facts = factsOf(column, profile.rows);
    return { ...facts, ...roleOf(column, facts, named, profile.rows - column.missing) };
  });
}

/** The columns that models see. */
export const featuresOf = (columns: readonly DescribedColumn[]): readonly string[] =>
  columns.flatMap(({ name, role }) => (role === 'feature' ? [name] : []));

type Facts = Pick<DescribedColumn, 'name' | 'type' | 'missing' | 'distinct' | 'range' | 'top'>;
type Role = Pick<DescribedColumn, 'role' | 'why' | 'warnings'>;

/** Fewer rows say nothing of how many values there would be. */
const leastRows = 50;
/** A share of the rows that have a value. */
const nearlyAll = 0.9;
const many = 0.5;
const shownWords = 3;

function factsOf(column: ColumnProfile, rows: number): Facts {
  const { name, type } = column;
  const missing = rows === 0 ? 0 : column.missing / rows;
  if (column.kind === 'numbers') {
    const { min, max } = column;
    const range: Facts['range'] = min === null || max === null ? null : [min, max];
    return { name, type, missing, distinct: distinctIn(column), range, top: [] };
  }
  const { zeros, counts } = column.categories;
  const top =
    zeros === 0 ? counts.slice(0, shownWords).map(([word, count]): [string, number] => [word, count]) : [];
  const distinct = { count: distinctWords(column.categories), exact: zeros === 0 };
  return { name, type, missing, distinct, range: null, top };
}

function distinctIn({
  sketch,
  distinct,
  infinite,
}: Extract<ColumnProfile, { kind: 'numbers' }>): Facts['distinct'] {
  if (sketch.bits === exactBits && infinite === 0) return { count: sketch.values.length, exact: true };
  if (!distinct) return null;
  return { count: distinctCount(distinct), exact: distinct.zeros === 0 };
}

function roleOf(
  column: ColumnProfile,
  facts: Facts,
  { target, columns, inputs }: Named,
  filled: number,
): Role {
  const { name, type } = column;
  const named = columns && namedColumns(columns).find(([, each]) => each === name)?.[0];
  if (name === target?.column) return { role: 'target', why: 'target', warnings: emptied(filled) };
  if (inputs?.includes(name)) {
    return {
      role: 'feature',
      why: 'inputs',
      warnings: [...emptied(filled), ...warningsOf(column, facts, filled)],
    };
  }
  if (named !== undefined) {
    return {
      role: named as Role['role'],
      why: `columns.${named}`,
      warnings: named === 'ignore' ? [] : emptied(filled),
    };
  }
  if (inputs !== undefined) return { role: 'ignore', why: 'not in inputs', warnings: [] };
  const leave = (why: string): Role => ({ role: 'ignore', why, warnings: [`left out: ${why}`] });
  if (filled === 0) return leave('it has no value');
  const distinct = facts.distinct?.count;
  if (distinct === 1 && column.missing === 0) return leave('it has one value in every row');
  if (distinct !== undefined && filled >= leastRows && distinct >= nearlyAll * filled) {
    const different = `${facts.distinct?.exact ? '' : 'about '}${Math.min(distinct, filled)} of ${filled} values differ`;
    if ((type === 'string' || type === 'integer') && isCalledId(name)) {
      return { role: 'id', why: `it is called so, and ${different}`, warnings: [] };
    }
    if (type === 'string') return leave(`${different}: a category that does not come again says nothing`);
  }
  return {
    role: 'feature',
    why: `all ${kindOf(type)} that are nothing else`,
    warnings: warningsOf(column, facts, filled),
  };
}

const emptied = (filled: number): string[] => (filled === 0 ? ['it has no value'] : []);

function warningsOf(column: ColumnProfile, { distinct }: Facts, filled: number): string[] {
  if (column.kind === 'numbers') {
    return column.infinite === 0 ? [] : [`${column.infinite} values are infinite`];
  }
  if (!distinct || filled < leastRows || distinct.count < many * filled) return [];
  return [
    `${distinct.exact ? '' : 'about '}${distinct.count} different words in ${filled} rows: most are seen once or twice`,
  ];
}

const kindOf = (type: DescribedColumn['type']): string =>
  ({ float: 'numbers', integer: 'numbers', boolean: 'booleans', timestamp: 'times', string: 'words' })[type];

/** `id`, `order_id`, `OrderID`, `customer key`, `row-number`; not `paid` or `monkey`. */
const isCalledId = (name: string): boolean =>
  /(^|[^a-zA-Z])(id|ids|key|uuid|guid|index|number|no|nr)$/i.test(name) ||
  /[a-z](Id|ID|Key|Uuid|UUID|Index|Number)$/.test(name);
