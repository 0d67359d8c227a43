import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../library/dataset.ts';
import { type Desk, documentOf, filesBelow, openDesk, refusal } from '../support/cli.ts';
import { type Column, colorRows, csvOf } from '../support/colors.ts';

const rows = colorRows(3000);
const fresh = colorRows(400, rows.length);
const inputs: readonly Column[] = ['id', 'when', 'x', 'color'];

/** The colour's number and x alone tell `hit`; the model sees their sum, and nothing else of the table. */
const features = `import { defineMapping } from 'fanfare';
const colors = ['red', 'gr"een', 'blue, dark', 'two\\nlines', 'ünï'];

export default defineMapping((rows) => {
  const x = rows.numbers('x');
  const warm = rows.strings('color').map((color, row) => x[row]! + colors.indexOf(color!) / 10);
  return rows.with({ warm }).drop(['x', 'color']);
});
`;
const postprocess = `import { defineMapping, type Rows } from 'fanfare';

export default defineMapping((rows: Rows) => {
  const verdict = Array.from(rows.numbers('probability'), (p) => (p > 0.5 ? 'hit' : 'miss'));
  return rows.select(['id', 'warm', 'probability']).with({ verdict });
});
`;

const spec = (change: object = {}) => ({
  name: 'warm',
  table: { path: 'colors.csv', shards: 3 },
  target: 'hit',
  inputs: ['warm'],
  split: { features: './features.ts' },
  tune: {
    trials: 1,
    lanes: 1,
    scheduler: { kind: 'none', max: 20 },
    space: { learning_rate: 0.2, leaves: 15 },
  },
  predict: {
    table: { path: 'fresh.csv', shards: 2 },
    postprocess: './postprocess.ts',
    format: 'ndjson',
    keep: ['id', 'warm'],
  },
  ...change,
});

interface Document {
  readonly files: Readonly<Record<string, string>>;
  readonly dataset: string;
  readonly tune: { readonly best: { readonly model: string; readonly value: number } };
  readonly predict: { readonly rows: number; readonly predicted: number; readonly rejected: number };
  readonly map: Readonly<Record<string, number>>;
}

let desk: Desk;
let tuned: Document;

const run = (...args: readonly string[]) => desk.run([...args, '--json', '--no-mlflow']);
const document = async (...args: readonly string[]) => documentOf(await run(...args)) as Document;
const written = async (change: object = {}) => desk.write('spec.yaml', JSON.stringify(spec(change)));
const folder = (key: string) => join(desk.home, 'store', key);

beforeAll(async () => {
  desk = await openDesk();
  await desk.write('colors.csv', csvOf(rows, [...inputs, 'hit']));
  await desk.write('fresh.csv', csvOf(fresh, inputs));
  await desk.write('features.ts', features);
  await desk.write('postprocess.ts', postprocess);
  tuned = await document('tune', await written());
});

afterAll(() => desk?.clear());

describe('features', () => {
  it('are the columns of the dataset, which a program reads', async () => {
    const dataset = await openDataset(folder(tuned.files.dataset!));
    expect(dataset.fields.map(({ name }) => name)).toEqual(['id', 'when', 'hit', 'warm']);
    const warm = new Map<string, number>();
    for await (const { rows } of dataset.partitions()) {
      const values = rows.numbers('warm');
      for (const [row, id] of rows.strings('id').entries()) warm.set(id!, values[row]!);
    }
    expect(warm.size).toBe(rows.length);
    for (const [row, { id, x }] of rows.entries()) expect(warm.get(id)).toBe(x + (row % 5) / 10);
  });

  it('are made of a raw table before it is predicted, and postprocess gives what is written', async () => {
    const done = await document('predict', await written(), '--model', `sha256:${tuned.tune.best.model}`);
    expect(done.predict).toMatchObject({ rows: 400, predicted: 400, rejected: 0 });
    const parts = [...(await filesBelow(folder(done.files.prediction!))).keys()].filter((file) =>
      file.endsWith('.ndjson'),
    );
    expect(parts).toHaveLength(2);
    const lines = (
      await Promise.all(parts.map((part) => readFile(join(folder(done.files.prediction!), part), 'utf8')))
    )
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; warm: number; probability: number; verdict: string });
    expect(lines.map(({ id, warm }) => [id, warm])).toEqual(
      fresh.map(({ id, x }, row) => [id, x + ((rows.length + row) % 5) / 10]),
    );
    // Every ninth row is turned round, so that a perfect model is right in 8 of 9.
    const right = lines.filter(({ verdict }, row) => (verdict === 'hit') === (fresh[row]!.hit === 1));
    expect(right.length).toBeGreaterThan(400 * 0.8);
    for (const { probability, verdict } of lines) expect(verdict).toBe(probability > 0.5 ? 'hit' : 'miss');
  });

  it('that throw are told by their own file and line, and leave no dataset', async () => {
    await desk.write('features.ts', features.replace("rows.numbers('x')", "rows.numbers('y')"));
    const message = refusal(await run('split', await written({ name: 'broken' })));
    await desk.write('features.ts', features);
    expect(message).toMatch(
      /^UserCodeFailed: features\.ts:5:\d+: there is no column "y"; did you mean x\? \(there are: id, when, x, color, hit\) \(shard 0; 3 of 3 shards failed\)$/,
    );
    const manifests = [...(await filesBelow(folder('datasets'))).keys()].filter((file) =>
      /manifest/.test(file),
    );
    expect(manifests.filter((file) => file.startsWith('broken'))).toEqual([]);
  });
});

describe('fanfare map', () => {
  const scale = `import { defineMapping } from 'fanfare';
export default defineMapping((rows) => rows.with({ cool: rows.numbers('warm').map((warm) => 1 - warm) }));
`;

  it('writes a dataset of another, once', async () => {
    const module = await desk.write('cool.ts', scale);
    const mapped = await document('map', module, folder(tuned.files.dataset!), '--name', 'cool');
    expect(Object.values(mapped.map).reduce((sum, side) => sum + side)).toBe(rows.length);
    const dataset = await openDataset(mapped.dataset, { home: desk.home });
    for await (const { rows } of dataset.partitions('test')) {
      expect([...rows.numbers('cool')]).toEqual(Array.from(rows.numbers('warm'), (warm) => 1 - warm));
    }
    const before = await filesBelow(folder(mapped.files.dataset!));
    expect((await document('resume', 'cool')).dataset).toBe(mapped.dataset);
    expect(await filesBelow(folder(mapped.files.dataset!))).toEqual(before);
  });

  it('refuses a dataset that is not there, and names the nearest', async () => {
    const module = await desk.write('cool.ts', scale);
    const named = basename(tuned.files.dataset!);
    const misspelt = named.replace('warm', 'worm');
    expect(refusal(await run('map', module, misspelt, '--name', 'cool'))).toContain(
      `MissingInput: there is no dataset "${misspelt}"; did you mean ${named}?`,
    );
  });

  it('refuses a module that is not there', async () => {
    const from = folder(tuned.files.dataset!);
    expect(refusal(await run('map', desk.path('none.ts'), from, '--name', 'cool'))).toMatch(
      /^MissingInput: user code .*none\.ts: there is no such file/,
    );
  });
});
