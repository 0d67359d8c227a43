import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, documentOf, filesBelow, objectsBelow, openDesk, refusal } from '../support/cli.ts';
import { type Column, colorRows, csvOf, ndjsonOf } from '../support/colors.ts';

const exec = promisify(execFile);
const rows = 6000;
const all: readonly Column[] = ['id', 'when', 'x', 'color', 'hit'];
const unlabelled: readonly Column[] = ['id', 'when', 'x', 'color'];
const fresh = colorRows(500, rows);

interface Tuned {
  readonly split: { readonly train: number; readonly validation: number; readonly test: number };
  readonly tune: { readonly best: { readonly value: number; readonly model: string } };
  readonly files: { readonly model: string };
}

let desk: Desk;
const tuned: Record<string, Tuned> = {};

/** One configuration, so that the model follows from the rows alone. The key makes sides that are the same in both formats. */
const specOf = (table: unknown, predict: unknown = {}): string =>
  JSON.stringify({
    name: 'colors',
    table,
    target: 'hit',
    columns: { id: 'id' },
    tune: {
      trials: 1,
      lanes: 1,
      scheduler: { kind: 'none', max: 20 },
      space: { learning_rate: 0.2, leaves: 15 },
    },
    predict,
  });

const run = async (command: string, spec: string, ...more: string[]) =>
  desk.run([command, await desk.write('spec.yaml', spec), '--json', '--no-mlflow', ...more]);

beforeAll(async () => {
  desk = await openDesk();
  await desk.write('colors.csv', csvOf(colorRows(rows), all));
  await desk.write('colors.ndjson', ndjsonOf(colorRows(rows), all));
  await desk.write('fresh.csv', csvOf(fresh, unlabelled));
  await desk.write('fresh.ndjson', ndjsonOf(fresh, unlabelled));
  for (const path of ['colors.csv', 'colors.ndjson']) {
    tuned[path] = documentOf(await run('tune', specOf({ path, shards: 3 }))) as Tuned;
  }
});

afterAll(() => desk?.clear());

const model = () => tuned['colors.csv']?.tune.best.model ?? '';

/** Predicts a table with the model and answers with the document. */
async function predict(table: unknown, options: Readonly<Record<string, unknown>> = {}) {
  const spec = specOf('colors.csv', { table, keep: ['id', 'when', 'x'], ...options });
  return run('predict', spec, '--model', `sha256:${model()}`);
}

const folderOf = (document: unknown): string =>
  join(desk.home, 'store/predictions', (document as { predict: { prediction: string } }).predict.prediction);

describe('fanfare tune', () => {
  it('reads every row of a CSV table, line breaks and quotes within values included', () => {
    const split = tuned['colors.csv']?.split;
    expect(Object.values(split ?? {}).reduce((sum, side) => sum + side)).toBe(rows);
  });

  it('makes the same sides and the very same model of the same rows in NDJSON', () => {
    const [csv, ndjson] = [tuned['colors.csv'], tuned['colors.ndjson']];
    expect(ndjson?.split).toEqual(csv?.split);
    expect(ndjson?.tune.best.value).toBe(csv?.tune.best.value);
    expect(ndjson?.tune.best.model).toBe(model());
  });

  it('refuses a table with a row that it cannot read, and says which', async () => {
    const text = csvOf(colorRows(400), all);
    await desk.write('torn.csv', `${text}a,b,c\n`);
    const { code, stdout, stderr } = await run('split', specOf({ path: 'torn.csv' }));
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: 'BadTable', exit: 3 } });
    expect(stderr).toContain(`torn.csv, row at byte ${Buffer.byteLength(text)}: `);
    expect(stderr).toContain('it begins "a,b,c"');
  });
});

describe('fanfare predict', () => {
  it('writes CSV, NDJSON, Parquet and Arrow that other programs read, ids and times carried along', async () => {
    const folders: string[] = [];
    for (const format of ['csv', 'ndjson', 'parquet', 'arrow']) {
      const document = documentOf(await predict({ path: 'fresh.csv', shards: 2 }, { format }));
      expect(document).toMatchObject({ predict: { rows: 500, predicted: 500, rejected: 0 } });
      folders.push(folderOf(document));
    }
    const file = join(desk.home, 'store', tuned['colors.csv']?.files.model ?? '');
    const script = ['test/e2e/read_outputs.py', file, desk.path('fresh.csv'), ...folders];
    const { stdout } = await exec(join(resolve('.venv'), 'bin/python'), script);
    const answer: Record<string, { difference: number }> = JSON.parse(stdout);
    expect(Object.keys(answer)).toHaveLength(9);
    for (const [reader, { difference, ...table }] of Object.entries(answer)) {
      expect(difference, reader).toBeLessThan(1e-6);
      expect(table, reader).toEqual({
        rows: 500,
        columns: ['id', 'when', 'x', 'probability', 'label'],
        same: { id: true, when: true, x: true, label: true },
      });
    }
  });

  it('says the same of the rows of an NDJSON table', async () => {
    const csv = folderOf(documentOf(await predict({ path: 'fresh.csv' }, { format: 'ndjson' })));
    const ndjson = folderOf(documentOf(await predict({ path: 'fresh.ndjson' }, { format: 'ndjson' })));
    expect(ndjson).not.toBe(csv);
    const part = 'part-00000.ndjson';
    expect(await readFile(join(ndjson, part), 'utf8')).toBe(await readFile(join(csv, part), 'utf8'));
  });

  it('puts rows that it cannot read aside with their places, and the tolerance decides', async () => {
    const [head, ...lines] = csvOf(fresh, unlabelled).split(/\n(?=")/);
    const before = `${[head, ...lines.slice(0, 100)].join('\n')}\n`;
    const number = 'n1,2024-01-01T00:00:00Z,many,red\n';
    const between = `${lines.slice(100, 200).join('\n')}\n`;
    const fields = 'n2,0.5\n';
    await desk.write('bad.csv', before + number + between + fields + lines.slice(200).join('\n'));
    const columns = { x: 'float', when: 'timestamp' };
    const table = { path: 'bad.csv', columns };

    const strict = await predict(table, { tolerance: 0.001 });
    expect(strict.code).toBe(1);
    expect(JSON.parse(strict.stdout)).toMatchObject({ error: { name: 'TooManyRejects' } });
    expect(strict.stderr).toMatch(
      /2 of 502 rows were rejected, predict\.tolerance allows 0\.001 of them\. Most often:\n {2}1 × column x: /,
    );

    const document = documentOf(await predict(table, { tolerance: 0.01 }));
    expect(document).toMatchObject({ predict: { rows: 502, predicted: 500, rejected: 2 } });
    const rejects = (await readFile(join(folderOf(document), 'rejects/00000.ndjson'), 'utf8'))
      .trim()
      .split('\n');
    const file = `file://${desk.path('bad.csv')}`;
    const at = Buffer.byteLength(before);
    expect(rejects.map((line) => JSON.parse(line))).toEqual([
      { file, row: 100, offset: at, column: 'x', reason: expect.any(String), raw: number.trimEnd() },
      {
        file,
        row: 201,
        offset: at + Buffer.byteLength(number + between),
        column: expect.any(String),
        reason: expect.stringMatching(/2.*4|4.*2/),
        raw: 'n2,0.5',
      },
    ]);
    const [manifest] = await objectsBelow(folderOf(document), 'manifest.json');
    expect(manifest).toMatchObject({ rows: 502, parts: [{ rows: 500 }], rejects: [{ rows: 2 }] });
  });

  it('counts a line of NDJSON that is no JSON among the rejected', async () => {
    await desk.write('bad.ndjson', `${ndjsonOf(fresh, unlabelled)}{"id": "n1", "x": }\n`);
    const document = documentOf(await predict({ path: 'bad.ndjson' }, { tolerance: 0.01 }));
    expect(document).toMatchObject({ predict: { rows: 501, predicted: 500, rejected: 1 } });
    const [reject] = await objectsBelow(folderOf(document), 'rejects/');
    expect(reject).toMatchObject({
      row: 500,
      offset: Buffer.byteLength(ndjsonOf(fresh, unlabelled)),
      raw: expect.stringContaining('n1'),
    });
  });
});

describe('fanfare verify and retry-rejects', () => {
  const bad = ['n1,2024-01-01T00:00:00Z,many,red', 'n2,0.5', 'n3,today,0.5,blue'];
  const table = { path: 'mixed.csv', columns: { x: 'float', when: 'timestamp' }, shards: 3 };
  const spec = () => specOf('colors.csv', { table, keep: ['id', 'x'], format: 'csv', tolerance: 0.01 });
  let parent: string;

  const verify = async (of: string, ...more: string[]) =>
    desk.run(['verify', of, '--no-mlflow', '--json', ...more]);
  const retry = async (of: string, ...more: string[]) =>
    desk.run(['retry-rejects', of, '--no-mlflow', '--json', ...more]);
  const idOf = (document: unknown) =>
    (document as { readonly predict: { readonly prediction: string } }).predict.prediction;
  const linesOf = async (id: string, name: string) =>
    (await readFile(join(desk.home, 'store/predictions', id, name), 'utf8')).trim().split('\n');

  beforeAll(async () => {
    await desk.write('mixed.csv', `${csvOf(fresh, unlabelled)}${bad.join('\n')}\n`);
    const file = await desk.write('mixed.yaml', spec());
    const args = ['predict', file, '--model', `sha256:${model()}`, '--json', '--no-mlflow'];
    parent = idOf(documentOf(await desk.run(args)));
  });

  it('counts a prediction again, by its id, its folder or its name, and its input too', async () => {
    const wanted = { prediction: parent, rows: 503, predicted: 500, rejected: 3, mismatches: [] };
    const folder = join(desk.home, 'store/predictions', parent);
    for (const of of [parent, folder, `${folder}/manifest.json`, 'colors']) {
      expect(documentOf(await verify(of, '--input'))).toMatchObject({ ...wanted, input: 503, parent: null });
    }
    const shown = await desk.run(['verify', parent, '--no-mlflow']);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^rows {8}503 = 500 predicted \+ 3 rejected$[\s\S]*^OK$/m);
  });

  it('exits 1 and says what is wrong where a byte of a part is another', async () => {
    const part = join(desk.home, 'store/predictions', parent, 'part-00001.csv');
    const before = await readFile(part);
    await writeFile(part, Buffer.from(before).fill('9', 40, 41));
    const { code, stdout } = await verify(parent);
    expect(code).toBe(1);
    const [first] = (JSON.parse(stdout) as { mismatches: { where: string; what: string }[] }).mismatches;
    expect(first?.where).toBe(`predictions/${parent}/part-00001.csv`);
    expect(first?.what).toMatch(/^has sha256 [0-9a-f]{64}, the manifest says [0-9a-f]{64}$/);
    await writeFile(part, before);
  });

  it('predicts what was mended, and nothing when it is asked again', async () => {
    const [number, fields, time] = await linesOf(parent, 'rejects/00002.ndjson');
    const mended = [
      JSON.stringify({ ...JSON.parse(number!), raw: 'n1,2024-01-01T00:00:00Z,0.25,red' }),
      JSON.stringify({ ...JSON.parse(fields!), raw: 'n2,2024-01-02,0.75,"red"' }),
    ];
    const from = await desk.write('mended.ndjson', `${mended.join('\n')}\n`);
    const document = documentOf(await retry(parent, '--from', from));
    expect(document).toMatchObject({ predict: { rows: 3, predicted: 2, rejected: 1 } });
    const id = idOf(document);
    const rows = await linesOf(id, 'part-00000.csv');
    expect(rows.map((row) => row.split(',').slice(0, 2))).toEqual([
      ['id', 'x'],
      ['n1', '0.25'],
      ['n2', '0.75'],
    ]);
    expect(await linesOf(id, 'rejects/00000.ndjson')).toEqual([time]);
    expect(documentOf(await verify(id))).toMatchObject({ rows: 3, parent, mismatches: [] });
    expect(documentOf(await verify(parent))).toMatchObject({ retries: [id], mismatches: [] });

    const written = await filesBelow(join(desk.home, 'store/predictions'));
    expect(idOf(documentOf(await retry(parent, '--from', from)))).toBe(id);
    expect(await filesBelow(join(desk.home, 'store/predictions'))).toEqual(written);
    const { stdout } = await desk.run(['list', 'colors', '--no-mlflow']);
    expect(stdout).toContain(`${id}  committed  2 of 3 rows, 1 rejected; retries ${parent}  `);
  });

  it('refuses lines that the prediction did not reject, and names that it does not have', async () => {
    const [line] = await linesOf(parent, 'rejects/00002.ndjson');
    const other = await desk.write(
      'other.ndjson',
      `${JSON.stringify({ ...JSON.parse(line!), row: 7 })}\n{}\n`,
    );
    expect(refusal(await retry(parent, '--from', other))).toMatch(
      /^InvalidSpec: .*other\.ndjson, line 2: it is no line of rejects\//,
    );
    await desk.write('other.ndjson', JSON.stringify({ ...JSON.parse(line!), row: 7 }));
    expect(refusal(await retry(parent, '--from', other))).toContain(
      `other.ndjson, line 1: ${parent} did not reject row 7 of file://`,
    );
    expect(refusal(await verify('collors'))).toMatch(
      /^MissingInput: there is no prediction "collors"; did you mean colors-[0-9a-f]{12}\? \(there are: /,
    );
  });
});
