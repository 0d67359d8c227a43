import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, documentOf, openDesk, refusal } from '../support/cli.ts';

let desk: Desk;

/** A number that looks like chance, and is the same each time (Knuth's multiplicative hash). */
const chance = (row: number): number => (Math.imul(row + 1, 2_654_435_761) >>> 0) / 2 ** 32;

const csv = (heads: string, rows: readonly (readonly unknown[])[]) =>
  `${[heads, ...rows.map((row) => row.join())].join('\n')}\n`;

/** What people have: two classes with an id and a constant, a quantity that is whole, several classes that are words. */
const tables = {
  'Customers 2024.csv': csv(
    'customer_id,age,country,source,churned',
    Array.from({ length: 400 }, (_, row) => {
      const age = 18 + Math.floor(60 * chance(row));
      return [
        `c${row}`,
        age,
        ['de', 'fr', 'it'][row % 3],
        'web',
        chance(1000 + row) < age / 90 ? 'yes' : 'no',
      ];
    }),
  ),
  'houses.ndjson': Array.from({ length: 400 }, (_, row) =>
    JSON.stringify({
      rooms: 1 + (row % 6),
      area: 40 + 10 * (row % 17),
      price: 1000 * (50 + (row % 6) * 7 + (row % 17) * 3),
    }),
  ).join('\n'),
  'iris.csv': csv(
    'petal,sepal,label: kind',
    Array.from({ length: 300 }, (_, row) => [
      chance(row) + (row % 3),
      chance(row + 7),
      ['a # b', 'b', 'c'][row % 3],
    ]),
  ),
};

beforeAll(async () => {
  desk = await openDesk();
  for (const [name, text] of Object.entries(tables)) await desk.write(name, text);
});
afterAll(() => desk?.clear());

const init = (name: string, ...more: string[]) =>
  desk.run(['init', desk.path(name), '--out', desk.path(`${name}.yaml`), '--json', ...more]);

describe('a specification that fanfare init writes', () => {
  test.each([
    [
      'Customers 2024.csv',
      [],
      'churned',
      'auc',
      /^columns:\n {2}id: customer_id # .*\n {2}ignore:\n {4}- source # it has one value/m,
    ],
    [
      'houses.ndjson',
      ['--target', 'price', '--trainable', 'linear'],
      'price',
      'rmse',
      /^target: \{ column: price, task: regression \}$/m,
    ],
    ['iris.csv', ['--trainable', 'forest'], 'label: kind', 'log_loss', /^target: "label: kind"$/m],
  ] as const)(
    'for %s is read, described and searched as it is',
    async (name, options, target, metric, words) => {
      const made = documentOf(await init(name, '--yes', '--trials', '2', ...options));
      const file = desk.path(`${name}.yaml`);
      expect(made).toMatchObject({ command: 'init', file, target });
      expect(await readFile(file, 'utf8')).toMatch(words);
      const described = documentOf(await desk.run(['describe', file, '--json']));
      expect(described).toMatchObject({ rejected: 0, columns: expect.any(Array) });
      const tuned = documentOf(await desk.run(['tune', file, '--json', '-q', '--no-mlflow']));
      expect(tuned).toMatchObject({ tune: { metric, trials: 2, failed: 0 } });
    },
  );

  test('is not written over one that is there, unless it is asked to be', async () => {
    const before = await readFile(desk.path('iris.csv.yaml'), 'utf8');
    expect(refusal(await init('iris.csv', '--target', 'petal', '--yes'))).toContain(
      'is there already: --force',
    );
    expect(await readFile(desk.path('iris.csv.yaml'), 'utf8')).toBe(before);
    documentOf(await init('iris.csv', '--target', 'petal', '--force'));
    expect(await readFile(desk.path('iris.csv.yaml'), 'utf8')).toContain('target: petal\n');
  });

  test('is asked for in full where nobody can be asked', async () => {
    expect(refusal(await desk.run(['init']))).toContain('Usage: nobody can be asked here: name the table');
    expect(refusal(await desk.run(['init', desk.path('iris.csv')]))).toContain('--target COLUMN');
    const wrong = await init('houses.ndjson', '--target', 'prise', '--force');
    expect(refusal(wrong)).toContain('has no column "prise"; did you mean price?');
  });
});
