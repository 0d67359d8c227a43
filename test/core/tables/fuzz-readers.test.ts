import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gunzip } from '../../../adapters/node/gunzip.ts';
import { FanfareError } from '../../../core/errors.ts';
import type { TableFormat } from '../../../core/tables/format.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import type { Schema } from '../../../core/tables/shard.ts';
import { byteSource } from '../../support/byte-source.ts';
import { fixture } from '../../support/fixture-tables.ts';
import { mutated, mutations } from '../../support/mutations.ts';
import { type ReadTable, readIn } from '../../support/tables.ts';

const shards = fc.integer({ min: 1, max: 9 });

/** The table, or why it is refused; anything but a `FanfareError` fails the test. */
async function outcome(
  bytes: Uint8Array,
  name: string,
  format: TableFormat,
  schema: Schema,
  count: number,
): Promise<ReadTable | FanfareError> {
  try {
    return await readIn(byteSource(bytes, name), format, schema, count, { gunzip, batchRows: 97 });
  } catch (error) {
    if (error instanceof FanfareError) return error;
    throw error;
  }
}

const lines = Array.from({ length: 300 }, (_, i) =>
  JSON.stringify({
    n: i,
    user: { name: `Zoë "${i}"`, tags: [i, { deep: [null, 'x'] }] },
    at: '2024-01-01',
    ok: i % 2 === 0,
  }),
);
const ndjson = new TextEncoder().encode(`${lines.join('\n')}\n`);
const schema: Schema = {
  fields: [
    { name: 'n', type: 'integer' },
    { name: 'user.name', type: 'string' },
    { name: 'user.tags.1.deep', type: 'string' },
    { name: 'at', type: 'timestamp' },
    { name: 'ok', type: 'boolean' },
  ],
};

/** Where the lines begin that are not blank. */
function rowsOf(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let at = bom; at < bytes.length; ) {
    const found = bytes.indexOf(10, at);
    const end = found < 0 ? bytes.length : found;
    if (bytes.subarray(at, end).some((each) => ![32, 9, 13].includes(each))) starts.push(at);
    at = end + 1;
  }
  return starts;
}

describe('a file with bytes flipped, cut out or put in', () => {
  test('of NDJSON has each of its lines read or rejected once, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(mutations, shards, async (changes, count) => {
        const bytes = mutated(ndjson, changes);
        const table = await outcome(bytes, 'x.ndjson', 'ndjson', schema, count);
        if (table instanceof FanfareError) throw table;
        const found = [...table.rowIds, ...table.rejected.map(({ row }) => row)].sort((a, b) => a - b);
        expect(found).toEqual(rowsOf(bytes));
        expect(await outcome(bytes, 'x.ndjson', 'ndjson', schema, 1)).toEqual(table);
      }),
      { numRuns: 60 },
    );
  });

  test('of gzip gives the text that zlib gives, or is refused where zlib refuses it', async () => {
    const members = Buffer.concat([gzipSync(ndjson.subarray(0, 9000)), gzipSync(ndjson.subarray(9000))]);
    await fc.assert(
      fc.asyncProperty(mutations, async (changes) => {
        const bytes = mutated(new Uint8Array(members), changes);
        if (bytes.length === 0) return; // A file of zero bytes has no rows, whatever it is called.
        const table = await outcome(bytes, 'x.ndjson.gz', 'ndjson', schema, 1);
        const text = decompressed(bytes);
        if (table instanceof FanfareError) {
          expect(table.name).toBe('BadTable');
          // zlib passes over whatever follows a zero; nobody says that it is none of the table's.
          if (text !== undefined) expect(table.message).toMatch(/is no part of a gzip file/);
        } else {
          const found = [...table.rowIds, ...table.rejected.map(({ row }) => row)].sort((a, b) => a - b);
          expect(found).toEqual(rowsOf(text!));
        }
      }),
      { numRuns: 120 },
    );
  });

  test.each(['pyarrow.arrow', 'polars.arrow', 'stream.arrow', 'zstd.feather', 'lz4.feather'])(
    'of Arrow (%s) is read, each row once and alike however it is cut, or refused',
    async (name) => {
      const source = await fixture(name);
      const whole = await source.read(0, source.size);
      const columns = await inferSchema([source], 'arrow');
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(mutations, shards, async (changes, count) => {
          const bytes = mutated(whole, changes);
          const table = await outcome(bytes, name, 'arrow', columns, count);
          if (table instanceof FanfareError) refused++;
          else {
            expect(table.rowIds).toEqual(table.rowIds.map((_, row) => row));
            expect(await outcome(bytes, name, 'arrow', columns, 1)).toEqual(table);
          }
        }),
        { numRuns: 30 },
      );
      expect(refused).toBeGreaterThan(0);
    },
  );
});

function decompressed(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
}
