import { stringify } from 'yaml';
import type { DescribedColumn } from '../contracts/described.ts';
import { usualMetric } from '../contracts/metrics.ts';
import { type BuiltIn, builtIns } from '../contracts/names.ts';
import type { Task } from '../contracts/task.ts';
import { spaceLines } from './draft-space.ts';

/** What a first specification is made of. */
export interface Draft {
  readonly name: string;
  /** As it is seen from where the specification will lie. */
  readonly table: string;
  readonly rows: number;
  /** As a table with that target is described; its role is `target`. */
  readonly columns: readonly DescribedColumn[];
  readonly task: Task;
  readonly trainable: BuiltIn;
  readonly trials: number;
}

/** A commented specification that runs: what was inferred is written out, what may be said besides is a comment. */
export function draftSpec(draft: Draft): string {
  const { name, table, rows, columns, trainable } = draft;
  const target = columns.find(({ role }) => role === 'target')!;
  const task = draft.task.kind;
  return [
    `# ${stringOf(table)}: split, search a model, predict the rows that it never saw, keep the better one.`,
    `#   npx fanfare describe ${name}.yaml    what its columns are, and what to be wary of`,
    `#   npx fanfare pipeline ${name}.yaml    all of it`,
    `name: ${stringOf(name)}`,
    '',
    `table: ${stringOf(table)} # ${count(rows)} rows, ${columns.length} columns`,
    '',
    ...targetLines(target, draft.task),
    '',
    ...columnLines(columns),
    '# Which rows trials learn from, are compared by, and the winner is evaluated on.',
    `# Other ways: by: ${task === 'regression' ? 'time' : 'stratified, by: time'}, folds: 5.`,
    'split: { train: 0.7, validation: 0.15, test: 0.15 }',
    '',
    'tune:',
    `  trainable: ${trainable} # also ${builtIns.filter((one) => one !== trainable).join(', ')}; or yours: ./mine.ts, ./mine.py`,
    `  metric: ${usualMetric[task]}`,
    `  trials: ${draft.trials}`,
    ...spaceLines(draft, task),
    '',
    `# Where the winner is registered; the alias champion moves when it is better by more than the margin.`,
    `# model: { name: ${stringOf(name)}, alias: champion, margin: 0 }`,
    '',
    '# Another table to predict than the test side, and how its predictions are written.',
    '# predict: { table: new.csv, format: parquet, tolerance: 0.01 }',
    '',
  ].join('\n');
}

function targetLines({ name, type, range, top }: DescribedColumn, task: Task): string[] {
  if (task.kind === 'regression') {
    const some = range ? range.map((end) => Number(end.toPrecision(4))).join(' to ') : 'any number';
    return [
      `# What is predicted: a quantity, ${some}. Whether it is above a limit: { column: …, above: 15 }.`,
      `target: ${type === 'integer' ? flow({ column: name, task: 'regression' }) : stringOf(name)}`,
    ];
  }
  const rows = new Map(top);
  const known = task.classes.slice(0, shownClasses).map((each) => {
    const many = rows.get(String(each));
    return `${JSON.stringify(each)}${many === undefined ? '' : ` (${count(many)} rows)`}`;
  });
  const more = task.classes.length > shownClasses ? ' …' : '';
  return [
    `# What is predicted: one of ${task.classes.length} classes, ${known.join(', ')}${more}. A row without it is left out.`,
    '# One class against all others: { column: …, equals: that }.',
    `target: ${stringOf(name)}`,
  ];
}

const shownClasses = 5;

/** The roles that columns have by themselves, written out so that they can be changed. */
function columnLines(columns: readonly DescribedColumn[]): string[] {
  const [id, ...otherIds] = columns.filter(({ role }) => role === 'id');
  const ignored = [...otherIds, ...columns.filter(({ role }) => role === 'ignore')];
  const features = columns.filter(({ role }) => role === 'feature');
  const head = `# What columns mean that models do not see; ${features.length === 1 ? 'one is a feature' : `all ${features.length} others are features`}.`;
  if (id === undefined && ignored.length === 0) {
    return [head, '# columns: { id: …, time: …, group: …, weight: …, ignore: [] }', ''];
  }
  return [
    head,
    'columns:',
    ...(id ? [`  id: ${stringOf(id.name)} # ${id.why}`] : []),
    ...(ignored.length > 0 ? ['  ignore:'] : []),
    ...ignored.map(({ name, why }) => `    - ${stringOf(name)} # ${why}`),
    '',
  ];
}

const count = (value: number): string => value.toLocaleString('en-US');

/** A text as YAML has it, in quotes where it must be. */
const stringOf = (text: string): string => stringify(text, { lineWidth: 0 }).trim();

const flow = (value: object): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
