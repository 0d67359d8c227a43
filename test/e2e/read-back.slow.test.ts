import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileStore } from '../../adapters/files/file-store.ts';
import type { Prediction } from '../../core/contracts/records.ts';
import type { Field } from '../../core/tables/batch.ts';
import { encodeTable } from '../../core/tables/write.ts';
import { byteSource } from '../support/byte-source.ts';
import { echoFields, echoWorld } from '../support/echo-world.ts';
import { batchOf, type Value } from '../support/tables.ts';

const exec = promisify(execFile);
const inputs = echoFields.slice(1, 5);
/** What is carried along. */
const carried: readonly Field[] = [
  { name: 'big', type: 'integer' },
  { name: 'flag', type: 'boolean' },
  { name: 'when', type: 'timestamp' },
  { name: 'text', type: 'string' },
  { name: 'real', type: 'float' },
];
const keep = carried.map(({ name }) => name);
const beyond = 2n ** 53n + 1n;
const noon = Date.UTC(1999, 11, 31, 12, 0, 0, 250);

const rows: readonly (readonly Value[])[] = [
  [beyond, true, noon, 'plain', 0.1],
  [-beyond, false, Date.UTC(1969, 0, 1), 'say "ü", 𝄞', Number.POSITIVE_INFINITY],
  [null, null, null, null, null],
  [2n ** 63n - 1n, true, Date.UTC(2100, 0, 1, 0, 0, 1), 'two\nlines', Number.NEGATIVE_INFINITY],
  [-(2n ** 63n), false, noon, ' blanks ', 1e-300],
];
/** As `follow_manifest.py` prints them. */
const expected = rows.map((row) =>
  Object.fromEntries(
    keep.map((name, at) => {
      const value = row[at]!;
      return [
        name,
        typeof value === 'bigint' || Math.abs(Number(value)) === Infinity ? String(value) : value,
      ];
    }),
  ),
);

let folder: string;
const made = new Map<string, Prediction>();
let read: Record<string, Record<string, Record<string, unknown>[]>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-read-'));
  const world = await echoWorld(fileStore(folder));
  const source = (some: readonly (readonly Value[])[], n: bigint | null = 1n) =>
    byteSource(
      encodeTable('arrow', [
        batchOf(
          [...inputs, ...carried],
          some.map((row) => [1.5, n, 1n, true, ...row]),
        ),
      ]),
      'new.arrow',
      `"${some.length} ${n}"`,
    );
  for (const format of ['parquet', 'csv', 'ndjson', 'arrow'] as const) {
    made.set(format, await world.predict(source(rows), { format, keep }));
    made.set(`${format}, nothing`, await world.predict(source(rows, null), { format, keep }));
  }
  for (const format of ['parquet', 'csv', 'ndjson'] as const) {
    made.set(`${format} by text`, await world.predict(source(rows), { format, keep, partition_by: 'text' }));
  }
  const ids = [...made.values()].map(({ prediction }) => prediction);
  const script = ['test/e2e/follow_manifest.py', folder, ...ids];
  const { stdout } = await exec(join(resolve('.venv'), 'bin/python'), script);
  read = JSON.parse(stdout);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const readOf = (what: string, reader: string) => read[made.get(what)!.prediction]![reader]!;

describe.each(['pandas', 'polars', 'duckdb'])('%s reads what was written:', (reader) => {
  test.each(['parquet', 'arrow', 'csv', 'ndjson'])('%s', (format) => {
    // JSON has no infinities.
    const told = (value: unknown) => (format === 'ndjson' && /Infinity$/.test(String(value)) ? null : value);
    const wanted = expected.map((row) => ({ ...row, real: told(row.real), y: 1.5 }));
    const shown = readOf(format, reader).map((row) => ({
      ...row,
      real: typeof row.real === 'string' ? `${row.real.replace('inf', 'Infinity')}` : row.real,
    }));
    expect(shown).toEqual(wanted);
  });

  test('folders of a value, escaped as they must be, and one for the missing', () => {
    for (const format of ['parquet', 'csv', 'ndjson']) {
      const shown = readOf(`${format} by text`, reader);
      expect(shown.map(({ text, big }) => [text, big]).toSorted()).toEqual(
        expected.map(({ text, big }) => [text, big]).toSorted(),
      );
    }
  });

  test('no rows, where none was predicted', () => {
    for (const format of ['parquet', 'csv', 'ndjson', 'arrow']) {
      expect(made.get(`${format}, nothing`)).toMatchObject({ predicted: 0, rejected: 5 });
      expect(readOf(`${format}, nothing`, reader)).toEqual([]);
    }
  });
});
