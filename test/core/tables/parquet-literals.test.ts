import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../../../core/store.ts';
import type { Batch } from '../../../core/tables/batch.ts';
import { planShards } from '../../../core/tables/plan.ts';
import { readShard } from '../../../core/tables/read.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import type { ReadOptions } from '../../../core/tables/shard.ts';
import { byteSource } from '../../support/byte-source.ts';
import { fixture } from '../../support/fixture-tables.ts';
import { rowsOf, type Value } from '../../support/tables.ts';

const rows = 17_000;
/** As make.py has it: exact in a double, and of 24 bits in a float. */
const noise = Array.from({ length: rows }, (_, row) => ((row * 2_654_435_761) % 2 ** 32) / 2 ** 32 - 0.5);

const expected = (missing: readonly number[]) =>
  noise.map((value, row): Value[] => [
    missing.includes(row) ? null : Math.fround(value),
    row,
    row % 3 === 0 ? value : null,
  ]);

/** What a batch is, looked at when the next one is there, as what is lent allows. */
async function read(source: ByteSource, options: ReadOptions): Promise<Value[][]> {
  const schema = await inferSchema([source], 'parquet');
  const shards = await planShards([source], 'parquet', schema, { targetBytes: 1e9 });
  const values: Value[][] = [];
  let before: Batch | undefined;
  for await (const { batch } of readShard(source, shards[0]!, schema, options)) {
    if (before) values.push(...rowsOf(before));
    before = batch;
  }
  return [...values, ...rowsOf(before!)];
}

/** As a file is: it is read page by page where its columns are lent. */
const near = (source: ByteSource): ByteSource => ({ ...source, chunkBytes: 0 });
const lent = new Set(['single', 'double']);

describe('pages that Snappy could not compress', () => {
  const ways: [string, (source: ByteSource) => ByteSource, ReadOptions][] = [
    ['in views', (source) => source, {}],
    ['lent', (source) => source, { lent, batchRows: 1000 }],
    ['lent and near, in batches that end within literals and values', near, { lent, batchRows: 777 }],
    ['by windows', (source) => source, { mostBytes: 1000, batchRows: 5000 }],
  ];
  for (const [name, open, options] of ways) {
    test(`of pyarrow, with not-a-numbers at literals' ends, hold what was written (${name})`, async () => {
      const source = open(await fixture('literals.parquet'));
      expect(source.size).toBeGreaterThan(2 * 4 * rows);
      expect(await read(source, options)).toEqual(expected([0, 16_383, 16_999]));
    });

    test(`of the second version, from any row on (${name})`, async () => {
      const bytes = parquetWriteBuffer({
        columnData: [
          { name: 'single', data: Float32Array.from(noise), type: 'FLOAT', encoding: 'PLAIN' },
          { name: 'row', data: Int32Array.from(noise.keys()), type: 'INT32', encoding: 'PLAIN' },
          {
            ...{ name: 'double', type: 'DOUBLE', encoding: 'PLAIN' },
            data: noise.map((value, row) => (row % 3 === 0 ? value : null)),
          },
        ],
        pageSize: 100_000,
      });
      const source = open(byteSource(new Uint8Array(bytes), 'table.parquet'));
      for (const from of [0, 1, 16_384, 16_999])
        expect(await read(source, { ...options, from })).toEqual(expected([]).slice(from));
    });
  }
});
