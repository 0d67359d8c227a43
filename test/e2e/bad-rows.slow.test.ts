import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, documentOf, openDesk, refusal } from '../support/cli.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
});

afterAll(() => desk?.clear());

const count = 2000;
const x = (row: number) => ((row * 7919) % 1000) / 1000;
const good = Array.from({ length: count }, (_, row) => `r${row},${x(row)},${Number(x(row) > 0.5)}`);

/** A table of `id,x,hit` with those rows in place of the good ones. */
const tableWith = (rows: Readonly<Record<number, string>>, header = 'id,x,hit'): string =>
  `${[header, ...good.map((row, at) => rows[at] ?? row)].join('\n')}\n`;

/** Where row 1500 begins: behind the header and 1,500 rows, each with its line break. */
const byte1500 = tableWith({}).split('\n').slice(0, 1501).join('\n').length + 1;

const spec = (changes: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    name: 'rows',
    table: 'rows.csv',
    target: 'hit',
    inputs: ['x'],
    tune: { trials: 1, lanes: 1, scheduler: { kind: 'none', max: 3 }, space: { leaves: [4] } },
    ...changes,
  });

async function run(command: 'split' | 'pipeline', csv: string, changes?: Readonly<Record<string, unknown>>) {
  await desk.write('rows.csv', csv);
  const file = await desk.write('rows.yaml', spec(changes));
  return desk.run([command, file, '--no-mlflow', '--json']);
}

describe('a table', () => {
  it.each([
    ['a row of too few fields', 'r1500,0.5', 'the row has 2 fields, the header 3; it begins "r1500,0.5"'],
    [
      'a row of too many fields',
      'r1500,0.5,1,9',
      'the row has 4 fields, the header 3; it begins "r1500,0.5,1,9"',
    ],
    [
      'a quote within a plain field',
      'r"15"00,0.5,1',
      'a quote stands where none may: quote the whole field, and double the quotes in it; it begins "r\\"15\\"00,0.5,1"',
    ],
    // Everything behind it is one field.
    ['a quote that is never closed', 'r1500,0.5,"1', 'it begins "r1500,0.5,\\"1\\nr1501,'],
  ])('with %s is refused by its place', async (_, row, words) => {
    const message = refusal(await run('split', tableWith({ 1500: row })));
    expect(message).toMatch(/^BadTable: file:.*\/rows\.csv, row at byte \d+: /);
    expect(message).toContain(`row at byte ${byte1500}: `);
    expect(message).toContain(words);
    expect(message.split('\n')).toHaveLength(1);
  });

  it('with a text among its numbers is refused: what the column is, a person says', async () => {
    const text = tableWith({ 1500: 'r1500,far,1' });
    expect(refusal(await run('split', text))).toMatch(
      /^BadTable: Column x of .*rows\.csv holds numbers, but "far" among .* 2000 of them\. Mend the table, or say in table\.columns /,
    );
    const table = { path: 'rows.csv', columns: { x: 'float' } };
    expect(refusal(await run('split', text, { table }))).toMatch(
      new RegExp(`, row at byte ${byte1500}: column x: "far" is not a number; it begins "r1500,far,1"`),
    );
  });

  it('is read once its bad rows are mended', async () => {
    refusal(await run('split', tableWith({ 7: 'r7' })));
    expect(documentOf(await run('split', tableWith({})))).toMatchObject({
      split: { train: expect.any(Number) },
    });
  });

  it('that names a column twice is refused', async () => {
    expect(refusal(await run('split', tableWith({}, 'id,hit,hit')))).toMatch(
      /^BadTable: The header of .*rows\.csv names the column hit twice\.$/,
    );
  });

  it('with infinite numbers is learned from and predicted, all of it', async () => {
    const rows = { 10: 'r10,Infinity,1', 20: 'r20,-inf,0', 30: 'r30,1e999,1' };
    const document = documentOf(await run('pipeline', tableWith(rows), { columns: { id: 'id' } }));
    expect(document).toMatchObject({
      tune: { trials: 1, failed: 0 },
      predict: { rejected: 0 },
      evaluation: { auc: expect.any(Number) },
    });
  });

  it('whose target is infinite is refused', async () => {
    const message = refusal(await run('pipeline', tableWith({ 0: 'r0,0.1,Infinity' })));
    expect(message).toMatch(/^BadTable: target: column "hit" holds 1 infinite number; a target is finite/);
  });

  it('with one positive row is refused with the side that has none, before any trial', async () => {
    const zeros = tableWith({}).replaceAll(/,1$/gm, ',0');
    for (const row of [0, 1, 2, 3]) {
      const message = refusal(
        await run('pipeline', zeros.replace(`\nr${row},${x(row)},0`, `\nr${row},${x(row)},1`)),
      );
      expect(message).toMatch(
        /^BadTable: .*rows\.csv: the (training|validation) side has only rows of 0 of the target hit, and two classes are needed/,
      );
    }
  });
});
