import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeDecompressors } from '../../../adapters/node/decompressors.ts';
import { FanfareError } from '../../../core/errors.ts';
import type { ByteSource } from '../../../core/store.ts';
import type { Batch } from '../../../core/tables/batch.ts';
import { planShards } from '../../../core/tables/plan.ts';
import { readShard } from '../../../core/tables/read.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { byteSource } from '../../support/byte-source.ts';
import { rowsOf } from '../../support/tables.ts';

const files = [
  ...['snappy-v1', 'zstd-v2', 'gzip-plain', 'delta', 'dictionary-overflow', 'int96', 'polars'],
  ...['kinds-brotli', 'kinds-v2', 'kinds-polars', 'nested'],
];
const tables = await Promise.all(
  files.map(async (file) => {
    const bytes = await readFile(new URL(`../../fixtures/tables/${file}.parquet`, import.meta.url));
    return new Uint8Array(bytes);
  }),
);

interface Mutation {
  readonly kind: 'flip' | 'insert' | 'cut';
  /** Where, as a share of the file. */
  readonly place: number;
  readonly byte: number;
  readonly length: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'flip', 'flip', 'insert', 'cut'),
  // The footer is a small part of a file, and decides most.
  place: fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0.9, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 0.02, noNaN: true }),
  ),
  byte: fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.integer({ min: 0, max: 255 })),
  length: fc.integer({ min: 1, max: 40 }),
});

function mutated(bytes: Uint8Array, { kind, place, byte, length }: Mutation): Uint8Array {
  const at = Math.floor(place * (bytes.length - 1));
  if (kind === 'flip') {
    const copy = bytes.slice();
    copy[at] = byte;
    return copy;
  }
  const rest = bytes.subarray(kind === 'cut' ? at + length : at);
  const added = new Uint8Array(kind === 'cut' ? 0 : length).fill(byte);
  return Uint8Array.from([...bytes.subarray(0, at), ...added, ...rest]);
}

/** How many rows were planned and how many came, or undefined where the file was refused. */
async function countRows(bytes: Uint8Array, mostBytes: number): Promise<[number, number] | undefined> {
  const source = byteSource(bytes, 'table.parquet');
  let [planned, read] = [0, 0];
  try {
    const schema = await inferSchema([source], 'parquet');
    const shards = await planShards([source], 'parquet', schema, { targetBytes: 1, shards: 2 });
    for (const shard of shards) {
      if (shard.kind === 'rows') planned += shard.rows;
      const options = { mostBytes, decompressors: nodeDecompressors };
      for await (const { batch } of readShard(source, shard, schema, options)) {
        read += batch.rows;
        for (const column of batch.columns)
          expect(column.type === 'string' ? column.codes.length : column.values.length).toBe(batch.rows);
      }
    }
    return [planned, read];
  } catch (error) {
    if (error instanceof FanfareError) return undefined;
    throw error;
  }
}

test('a Parquet file with bytes that were changed, cut out or put in gives all its rows or is refused, and soon', async () => {
  let refused = 0;
  let slowest = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: tables.length - 1 }),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(2 ** 26, 3000),
      async (table, mutations, mostBytes) => {
        const started = process.cpuUsage();
        const rows = await countRows(mutations.reduce(mutated, tables[table]!), mostBytes);
        const { user, system } = process.cpuUsage(started);
        slowest = Math.max(slowest, (user + system) / 1e6);
        if (rows === undefined) refused++;
        else expect(rows[1]).toBe(rows[0]);
      },
    ),
    {
      numRuns: 200,
      interruptAfterTimeLimit: 3000,
      markInterruptAsFailure: false,
    },
  );
  expect(refused).toBeGreaterThan(0);
  expect(slowest).toBeLessThan(2);
});

/** All values as one text, or why there are none. A batch is looked at when the next one is there, as what is lent allows. */
async function valuesOf(
  bytes: Uint8Array,
  lent?: ReadonlySet<string>,
  near?: Pick<ByteSource, 'chunkBytes'>,
): Promise<string> {
  const source = { ...byteSource(bytes, 'table.parquet'), ...near };
  const toRoom: typeof source.read = async (start, end, room = (length) => new Uint8Array(length)) => {
    const array = room(end - start);
    array.set(await source.read(start, end));
    return array;
  };
  const texts: string[] = [];
  try {
    const schema = await inferSchema([source], 'parquet');
    const options = { decompressors: nodeDecompressors, batchRows: 60, ...(lent && { lent }) };
    for (const shard of await planShards([source], 'parquet', schema, { targetBytes: 1, shards: 2 })) {
      let before: Batch | undefined;
      for await (const { batch } of readShard({ ...source, read: toRoom }, shard, schema, options)) {
        if (before) texts.push(rowsOf(before).join('\n'));
        before = batch;
      }
      if (before) texts.push(rowsOf(before).join('\n'));
    }
    return texts.join('\n');
  } catch (error) {
    if (error instanceof FanfareError) return error.message;
    throw error;
  }
}

test('a changed Parquet file gives the same values, or the same refusal, in arrays and buffers that are used again', async () => {
  let same = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: tables.length - 1 }),
      fc.array(mutation, { minLength: 1, maxLength: 2 }),
      fc.func(fc.boolean()),
      async (table, mutations, isLent) => {
        const bytes = mutations.reduce(mutated, tables[table]!);
        const expected = await valuesOf(bytes);
        const { fields } = await inferSchema([byteSource(tables[table]!, 'table.parquet')], 'parquet');
        const lent = new Set(fields.map(({ name }) => name).filter((name) => isLent(name)));
        expect(await valuesOf(bytes, lent)).toBe(expected);
        // Read page by page.
        expect(await valuesOf(bytes, lent, { chunkBytes: 0 })).toBe(expected);
        same++;
      },
    ),
    { numRuns: 120, interruptAfterTimeLimit: 3000, markInterruptAsFailure: false },
  );
  expect(same).toBeGreaterThan(0);
});
