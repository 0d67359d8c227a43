import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, documentOf, filesBelow, openDesk, refusal } from '../support/cli.ts';

/** A model that LightGBM made, of which the command knows nothing but the file; what LightGBM says of the rows stands beside it. */
const model = new URL('../fixtures/models/lightgbm-binary.onnx', import.meta.url);
const example = new URL('../fixtures/models/lightgbm-binary.json', import.meta.url);

interface Example {
  readonly rows: readonly (readonly (number | null)[])[];
  readonly expected: { readonly probabilities_1: readonly number[] };
}

interface Document {
  readonly predict: { readonly prediction: string; readonly rows: number; readonly rejected: number };
  readonly files: { readonly prediction: string };
}

let desk: Desk;
let rows: Example['rows'];
let expected: readonly number[];

beforeAll(async () => {
  desk = await openDesk();
  ({
    rows,
    expected: { probabilities_1: expected },
  } = JSON.parse(await readFile(example, 'utf8')) as Example);
  const lines = rows.map((row, id) => [id, ...row.map((value) => value ?? '')].join());
  await desk.write('new.csv', ['id,a,b,c,d,e', ...lines, '99,1,2,three,4,5', ''].join('\n'));
  await desk.write('models/m.onnx', await readFile(model));
});

afterAll(() => desk?.clear());

/** Neither a search nor a target: there is nothing but a table and a model. */
const spec = (predict: object = {}) => ({
  name: 'new',
  table: { path: 'new.csv', columns: { c: 'float' }, shards: 2 },
  predict: { model: 'models/m.onnx', keep: ['id'], format: 'ndjson', tolerance: { rows: 1 }, ...predict },
});
const run = async (written: object, ...args: readonly string[]) =>
  desk.run([
    'predict',
    await desk.write('new.yaml', JSON.stringify(written)),
    '--json',
    '--no-mlflow',
    ...args,
  ]);

test('a matrix whose columns nobody names is refused, with the lines to write', async () => {
  const said = refusal(await run(spec()));
  expect(said).toContain('takes 5 columns, and neither its names nor a signature say which');
  expect(said).toContain('predict:\n  inputs:\n    input: [id, a, b, c, d, e]');
});

test('a file of another library predicts what that library does, puts a bad row aside, and computes nothing twice', async () => {
  const given = spec({ inputs: { input: ['a', 'b', 'c', 'd', 'e'] }, outputs: { probabilities: 'p' } });
  const done = documentOf(await run(given)) as Document;
  expect(done.predict).toMatchObject({ rows: rows.length + 1, rejected: 1 });
  const folder = join(desk.home, 'store', done.files.prediction);
  const before = await filesBelow(folder);
  const parts = [...before.keys()].filter((file) => file.startsWith('part-'));
  const written = (await Promise.all(parts.map((part) => readFile(join(folder, part), 'utf8'))))
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly id: number; readonly p_1: number });
  expect(written.map(({ id }) => id)).toEqual(rows.map((_, id) => id));
  for (const [at, { p_1 }] of written.entries()) expect(Math.abs(p_1 - expected[at]!)).toBeLessThan(1e-6);

  expect(documentOf(await run(given))).toMatchObject({ predict: done.predict });
  expect(await filesBelow(folder)).toEqual(before);
  const verified = await desk.run(['verify', 'new', '--input', '--json']);
  expect(documentOf(verified)).toMatchObject({ mismatches: [] });
});
