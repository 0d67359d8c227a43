import { existsSync } from 'node:fs';
import { confirm, isCancel, log, select, spinner, text } from '@clack/prompts';
import { type BuiltIn, builtIns } from '../core/contracts/names.ts';
import type { Fanfare } from '../library/fanfare.ts';
import { type InitRequest, likelyTarget, nameOf } from '../library/init.ts';
import { Interrupted } from './output/failure.ts';

const another = '\0another';

/** Asks for what was not given: the table, the column to predict, what to train, and whether a file may be written over. */
export async function initQuestions(
  fanfare: Fanfare,
  given: Partial<InitRequest>,
  tables: readonly string[],
): Promise<InitRequest> {
  const table = given.table ?? (await askTable(tables));
  const target = given.target ?? (await askTarget(fanfare, table));
  const trainable = given.trainable ?? (await askTrainable());
  const out = given.out ?? `${nameOf(table)}.yaml`;
  if (given.force || !existsSync(out)) return { ...given, table, target, trainable, out };
  const over = await answer(
    confirm({ message: `${out} is there already. Write over it?`, initialValue: false }),
  );
  if (over) return { ...given, table, target, trainable, out, force: true };
  return { ...given, table, target, trainable, out: await askOut() };
}

async function askTable(tables: readonly string[]): Promise<string> {
  const chosen =
    tables.length === 0
      ? another
      : await answer(
          select({
            message: 'Which table?',
            options: [...tables, another].map((value) => ({
              value,
              label: value === another ? 'another: a path, a folder, a pattern or s3://…' : value,
            })),
          }),
        );
  if (chosen !== another) return chosen;
  return answer(text({ message: 'Where is the table?', placeholder: 'customers.csv', validate: needed }));
}

async function askTarget(fanfare: Fanfare, table: string): Promise<string> {
  const reading = spinner();
  reading.start(`reading ${table}`);
  const { columns, rows } = await fanfare.describe(table).catch((error: unknown) => {
    reading.error('it cannot be read');
    throw error;
  });
  reading.stop(`${rows.toLocaleString('en-US')} rows, ${columns.length} columns`);
  const possible = columns.filter(({ type }) => type !== 'timestamp');
  for (const { name, why, role } of columns) {
    if (role === 'ignore' || role === 'id') log.message(`${name} is left out: ${why}`);
  }
  return answer(
    select({
      message: 'Which column is to be predicted?',
      initialValue: likelyTarget(columns),
      maxItems: 12,
      options: possible.map(({ name, type, distinct }) => ({
        value: name,
        hint: distinct ? `${type}, ${distinct.count} different` : type,
      })),
    }),
  );
}

const askTrainable = (): Promise<BuiltIn> =>
  answer(
    select({
      message: 'What is to be trained?',
      initialValue: 'gbdt',
      options: builtIns.map((value) => ({ value, hint: said[value] })),
    }),
  );

const said: Readonly<Record<BuiltIn, string>> = {
  gbdt: 'gradient boosted trees: the usual choice for tables',
  forest: 'random forests: little to tune',
  linear: 'ridge, lasso, logistic regression: simple, for tables of any size',
  mlp: 'a network: with many rows, and words of many values',
};

const askOut = (): Promise<string> =>
  answer(
    text({
      message: 'Where is the specification to be written?',
      placeholder: 'other.yaml',
      validate: (given) => needed(given) ?? (existsSync(given!) ? 'it is there already' : undefined),
    }),
  );

const needed = (given: string | undefined): string | undefined => (given ? undefined : 'it is needed');

/** Ctrl-C and Escape end the command. */
async function answer<T>(asked: Promise<T>): Promise<Exclude<T, symbol>> {
  const given = await asked;
  if (isCancel(given)) throw new Interrupted('SIGINT', undefined);
  return given as Exclude<T, symbol>;
}
