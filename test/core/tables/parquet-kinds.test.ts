import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { keepWarm } from '../../../core/steps/ports.ts';
import type { ByteSource } from '../../../core/store.ts';
import { planShards } from '../../../core/tables/plan.ts';
import { readShard } from '../../../core/tables/read.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { fixture } from '../../support/fixture-tables.ts';
import { readAll, readIn, type Value } from '../../support/tables.ts';

/** What pyarrow says is in those tables: 64-bit integers as text. */
async function expectedKinds(): Promise<Record<string, Value[]>> {
  const file = new URL('../../fixtures/tables/expected-kinds.json', import.meta.url);
  const columns: Record<string, Value[]> = JSON.parse(await readFile(file, 'utf8'));
  const wide = ['u64', 'a.b.c'];
  for (const name of wide) columns[name] = columns[name]!.map((value) => value && BigInt(value as string));
  return columns;
}

const types = {
  ...{ half: 'float', u8: 'integer', u16: 'integer', u64: 'integer' },
  ...{ cents: 'float', long: 'float', huge: 'float', yes: 'boolean' },
  ...{ 'a.b.c': 'integer', 'a.b.d': 'string', 'a.e': 'float', last: 'integer' },
};

describe('a Parquet file of many kinds of columns', () => {
  for (const file of ['kinds-brotli', 'kinds-v2', 'kinds-polars']) {
    test(`(${file}) is read, a struct's fields by their path, and a missing struct's as missing`, async () => {
      const source = await fixture(`${file}.parquet`);
      const expected = await expectedKinds();
      const schema = await inferSchema([source], 'parquet');
      const names = Object.keys(types).filter((name) => name !== 'half' || file !== 'kinds-polars');
      expect(schema.fields).toEqual(names.map((name) => ({ name, type: types[name as keyof typeof types] })));
      const { rows } = await readIn(source, 'parquet', schema, 1, { batchRows: 7 });
      for (const [at, name] of names.entries())
        expect([name, rows.map((row) => row[at])]).toEqual([name, expected[name]]);
    });

    test(`(${file}) is read on from any row`, async () => {
      const source = await fixture(`${file}.parquet`);
      const schema = await inferSchema([source], 'parquet');
      const whole = await readIn(source, 'parquet', schema, 1);
      for (let from = 0; from < 60; from += 7)
        expect((await readIn(source, 'parquet', schema, 1, { from })).rows).toEqual(whole.rows.slice(from));
    });
  }

  test('says why its lists and maps are no columns', async () => {
    const { unreadable } = await inferSchema([await fixture('kinds-v2.parquet')], 'parquet');
    expect(unreadable).toEqual([
      { name: 'tags', reason: 'it is a list' },
      { name: 'map', reason: 'it is a map' },
    ]);
  });
});

describe('a row group that is larger than what may be held', () => {
  for (const file of ['snappy-v1', 'zstd-v2', 'dictionary-overflow', 'delta', 'polars', 'kinds-brotli']) {
    test(`is read through windows to the same rows (${file})`, async () => {
      const source = await fixture(`${file}.parquet`);
      const schema = await inferSchema([source], 'parquet');
      const whole = await readIn(source, 'parquet', schema, 1);
      for (const mostBytes of [1, 500, 5000, 20_000])
        expect(await readIn(source, 'parquet', schema, 1, { mostBytes, batchRows: 90 })).toEqual(whole);
    });
  }

  test('is never asked for at once', async () => {
    const file = await fixture('gzip-plain.parquet');
    const schema = await inferSchema([file], 'parquet');
    const lengths: number[] = [];
    const source: ByteSource = {
      ...file,
      read: (start, end) => {
        lengths.push(end - start);
        return file.read(start, end);
      },
    };
    await readIn(source, 'parquet', schema, 1, { mostBytes: 3200 });
    // The footer, each time it is read; a page of 16 columns is 1,000 bytes and more.
    const pages = lengths.filter((length) => length !== file.size);
    expect(pages.length).toBeGreaterThan(100);
    expect(Math.max(...pages)).toBeLessThan(3200);
  });
});

test('the next row group is asked for before the first one is handed out', async () => {
  const file = await fixture('snappy-v1.parquet');
  const schema = await inferSchema([file], 'parquet');
  let reads = 0;
  const source: ByteSource = {
    ...file,
    read: (start, end) => {
      reads++;
      return file.read(start, end);
    },
  };
  const [shard] = await planShards([file], 'parquet', schema, { targetBytes: 1e9 });
  const seen: [rows: number, reads: number][] = [];
  for await (const { batch } of readShard(source, shard!, schema)) seen.push([batch.rows, reads]);
  // The footer and two of three row groups at the first batch; no more than one is read ahead.
  expect(seen).toEqual([
    [200, 3],
    [200, 4],
    [100, 4],
  ]);
});

test('what a file says of itself is read once for its shards, and anew where the file is another', async () => {
  const file = await fixture('snappy-v1.parquet');
  const schema = await inferSchema([file], 'parquet');
  const shards = await planShards([file], 'parquet', schema, { targetBytes: 1, shards: 3 });
  expect(shards.length).toBe(3);
  const warm = keepWarm();
  const reads: number[] = [];
  for (const etag of [file.etag, 'another']) {
    let footers = 0;
    const source: ByteSource = {
      ...file,
      etag,
      read: (start, end) => {
        if (end === file.size) footers++;
        return file.read(start, end);
      },
    };
    const rows: unknown[] = [];
    for (const shard of shards.map((each) => ({ ...each, source: { ...each.source, etag } })))
      rows.push(...(await readAll(source, [shard], schema, { warm })).rows);
    expect(rows).toEqual((await readAll(file, shards, schema)).rows);
    reads.push(footers);
  }
  expect(reads).toEqual([1, 1]);
});
