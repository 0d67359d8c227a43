import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFiles } from '../../../adapters/files/open-files.ts';
import { openObjects } from '../../../adapters/s3/open-objects.ts';
import { s3Options } from '../../../adapters/s3/options.ts';
import { s3Store } from '../../../adapters/s3/s3-store.ts';
import { readSpec } from '../../../core/spec/read.ts';
import { bringTables } from '../../../library/remote/tables.ts';
import { type MiniStack, startMiniStack } from '../../support/ministack.ts';

const bucket = 'fanfare-tables';
let aws: MiniStack;
let s3: S3;
let folder: string;
let notes: string[];

beforeAll(async () => {
  aws = await startMiniStack();
  s3 = new S3({
    ...s3Options(aws.env),
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await s3.createBucket({ Bucket: bucket });
  folder = await mkdtemp(join(tmpdir(), 'fanfare-tables-'));
  const files = { 'a.csv': 'x\n1\n', '2026/b.csv': 'x\n2\n', 'große Tabelle.csv': 'x\n3\n', '.hidden': '' };
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, 'table', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  s3?.destroy();
  await aws?.close();
});

const specOf = (path: string, more: object = {}) => {
  const tune = { space: { learning_rate: 0.1 } };
  return readSpec(JSON.stringify({ name: 'late', table: path, target: 'x', tune, ...more }), 'late.yaml');
};

function bring(path: string, signal = new AbortController().signal) {
  notes = [];
  const note = (line: string) => void notes.push(line);
  return bringTables({ s3, store: s3Store(s3, bucket), bucket, signal, note }, specOf(path));
}

const namesIn = async (uri: string) => (await openObjects(s3)(uri)).map(({ name, size }) => [name, size]);

test.each(['table', 'table/*.csv', 'table/a.csv', 'table/2026'])(
  'the files of %s have the same names in S3, so that their rows fall on the same sides',
  async (path) => {
    const { table } = await bring(join(folder, path));
    expect(table.path).toMatch(/^s3:\/\/fanfare-tables\/tables\/late-[0-9a-f]{12}\//);
    const here = (await openFiles(join(folder, path))).map(({ name, size }) => [name, size]);
    expect(await namesIn(table.path)).toEqual(here);
  },
);

test('what is there already is not sent again, wherever it lies on this machine', async () => {
  const first = await bring(join(folder, 'table'));
  await mkdir(join(folder, 'elsewhere'));
  await writeFile(join(folder, 'elsewhere/c.csv'), 'x\n1\n');
  const sent = await bring(join(folder, 'elsewhere/c.csv'));
  expect(notes).toEqual([expect.stringContaining('uploading c.csv')]);
  expect(await bring(join(folder, 'elsewhere/c.csv'))).toEqual(sent);
  expect(await bring(join(folder, 'table'))).toEqual(first);
  expect(notes).toEqual([]);
});

test('a file that is gone from a folder is gone from the table', async () => {
  await writeFile(join(folder, 'table/extra.csv'), 'x\n9\n');
  const before = await bring(join(folder, 'table'));
  await rm(join(folder, 'table/extra.csv'));
  const after = await bring(join(folder, 'table'));
  expect((await namesIn(before.table.path)).length - (await namesIn(after.table.path)).length).toBe(1);
});

test('a table in S3 stays where it is, and another scheme is refused', async () => {
  expect((await bring('s3://any/t.csv')).table.path).toBe('s3://any/t.csv');
  expect(notes).toEqual([]);
  await expect(bring('https://a/t.csv')).rejects.toMatchObject({ name: 'InvalidSpec' });
});

test('an interrupted upload ends', async () => {
  await writeFile(join(folder, 'table/late.csv'), 'x\n11\n');
  const interrupted = AbortSignal.abort('interrupted');
  await expect(bring(join(folder, 'table'), interrupted)).rejects.toBe('interrupted');
});
