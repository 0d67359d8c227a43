import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { type PlanOptions, planShards } from '../../../core/tables/plan.ts';
import type { Schema, Shard } from '../../../core/tables/shard.ts';
import { byteSource } from '../../support/byte-source.ts';

const schema: Schema = { fields: [{ name: 'a', type: 'string' }] };

const ranges = (shards: readonly Shard[]) =>
  shards.map((shard) =>
    shard.kind === 'bytes' ? [shard.source.name, shard.start, shard.end, shard.startsInQuotes] : [],
  );

describe('the plan of a table', () => {
  test('covers the bytes behind the header of each file, in even parts of about the size asked for', async () => {
    const files = [
      byteSource(`a\n${'x\n'.repeat(49)}`, '1.csv'),
      byteSource('a\n', '2.csv'),
      byteSource('a\nyy\n', '3.csv'),
    ];
    const shards = await planShards(files, 'csv', schema, { targetBytes: 33 });
    expect(ranges(shards)).toEqual([
      ['1.csv', 2, 34, false],
      ['1.csv', 34, 67, false],
      ['1.csv', 67, 100, false],
      ['3.csv', 2, 5, false],
    ]);
    expect(shards.map((shard) => shard.index)).toEqual([0, 1, 2, 3]);
    expect(shards[3]).toEqual({
      index: 3,
      kind: 'bytes',
      format: 'csv',
      source: { name: '3.csv', uri: 'file:///tables/3.csv', size: 5, etag: '"5"' },
      bytes: 3,
      start: 2,
      end: 5,
      startsInQuotes: false,
    });
  });

  test('knows which cuts lie within quotes', async () => {
    //                         3   7      14
    const source = byteSource('a\n\n"b\n\nb"\n""""\nc\n');
    const shards = await planShards([source], 'csv', schema, { targetBytes: 1 });
    const within = shards
      .filter((shard) => shard.kind === 'bytes' && shard.startsInQuotes)
      .map((shard) => shard.kind === 'bytes' && shard.start);
    expect(within).toEqual([4, 5, 6, 7, 8, 11, 13]);
  });

  test('knows them all the same where the place of the last quotation mark is known, and reads no further', async () => {
    const texts = fc.array(fc.constantFrom('"', '\n', 'x'), { maxLength: 30 }).map((rest) => rest.join(''));
    const target = { targetBytes: 1 };
    await fc.assert(
      fc.asyncProperty(texts, async (rest) => {
        const source = byteSource(`a\n${rest}`);
        const quotedTo = rest.lastIndexOf('"') + (rest.includes('"') ? 3 : 0);
        const reads: number[] = [];
        const read: typeof source.read = (start, end) => {
          reads.push(start);
          return source.read(start, end);
        };
        const known = await planShards([{ ...source, read, quotedTo }], 'csv', schema, target);
        expect(known).toEqual(await planShards([source], 'csv', schema, target));
        // The header, and then only what may have one.
        expect(reads.slice(1).every((start) => start < quotedTo)).toBe(true);
      }),
    );
  });

  test('knows it of a file that is longer than what is read at once', async () => {
    // One quote a MiB, as its last byte.
    const mib = 2 ** 20;
    const bytes = new Uint8Array(2 + 40 * mib).fill(120);
    bytes.set([97, 10]);
    for (let at = 2; at < bytes.length; at += mib) bytes[at + mib - 1] = 34;
    const shards = await planShards([byteSource(bytes)], 'csv', schema, { targetBytes: mib });
    expect(ranges(shards).map(([, , , within]) => within)).toEqual(
      Array.from({ length: 40 }, (_, i) => i % 2 === 1),
    );
  });

  test('is plain data', async () => {
    const shards = await planShards([byteSource('a\n1\n2\n')], 'csv', schema, { targetBytes: 2 });
    expect(JSON.parse(JSON.stringify(shards))).toEqual(shards);
  });

  test('has about as many shards as are asked for, and never one without bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 50 }),
        async (size, count) => {
          const shards = await planShards([byteSource('x'.repeat(size), 't.ndjson')], 'ndjson', schema, {
            targetBytes: 1,
            shards: count,
          });
          expect(shards.length).toBe(Math.min(size, count));
          expect(shards.reduce((sum, shard) => sum + shard.bytes, 0)).toBe(size);
        },
      ),
    );
  });

  test('of a table without rows has no shards', async () => {
    expect(await planShards([byteSource('a\n')], 'csv', schema, { targetBytes: 10 })).toEqual([]);
    const nothing = [byteSource('', 'x.ndjson')];
    expect(await planShards(nothing, 'ndjson', schema, { targetBytes: 10 })).toEqual([]);
  });

  test('of a file that is compressed is one shard, whatever its size', async () => {
    const file = byteSource(new Uint8Array(1000), 'x.ndjson.gz');
    const shards = await planShards([file], 'ndjson', schema, { targetBytes: 10, shards: 7 });
    expect(shards.map(({ kind, format, bytes }) => [kind, format, bytes])).toEqual([
      ['gzip', 'ndjson', 1000],
    ]);
  });

  test('takes a size of one byte at least', async () => {
    await expect(planShards([byteSource('a\n1\n')], 'csv', schema, { targetBytes: 0 })).rejects.toThrow(
      /at least one byte/,
    );
  });
});

describe('the plan of a Parquet file', () => {
  // Row groups of 1,000 rows: a double and a code of four bytes each are 12,000 bytes a group, once they are decoded.
  const columns: Schema = {
    fields: [
      { name: 'x', type: 'float' },
      { name: 'word', type: 'string' },
    ],
  };
  const rows = 10_000;
  const file = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'x', type: 'DOUBLE', data: Float64Array.from({ length: rows }, (_, row) => row * 1.1) },
        { name: 'word', type: 'STRING', data: new Array<string>(rows).fill('same') },
      ],
      rowGroupSize: 1000,
    }),
  );
  const plan = (options: PlanOptions) =>
    planShards([byteSource(file, 't.parquet')], 'parquet', columns, options);
  const rowsOf = (shards: readonly Shard[]) =>
    shards.map((shard) => (shard.kind === 'rows' ? shard.rows : undefined));

  test('bounds what a shard comes to in memory, however small it is in the file', async () => {
    expect(file.length).toBeLessThan(2 ** 20);
    expect(rowsOf(await plan({ targetBytes: 2 ** 20 }))).toEqual([10_000]);
    const bounded = await plan({ targetBytes: 2 ** 20, mostDecodedBytes: 24_000 });
    expect(rowsOf(bounded)).toEqual([2000, 2000, 2000, 2000, 2000]);
  });

  test('has as many shards as are asked for, whatever they come to', async () => {
    const shards = await plan({ targetBytes: 1, shards: 2, mostDecodedBytes: 12_000 });
    expect(rowsOf(shards)).toEqual([5000, 5000]);
  });
});
