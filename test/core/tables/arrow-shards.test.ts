import { describe, expect, test } from 'vitest';
import { encodeArrow } from '../../../core/tables/arrow-encode.ts';
import type { Field } from '../../../core/tables/batch.ts';
import { planShards } from '../../../core/tables/plan.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { byteSource } from '../../support/byte-source.ts';
import { fixture } from '../../support/fixture-tables.ts';
import { batchOf, readAll, readIn, type Value } from '../../support/tables.ts';

const fields: readonly Field[] = [
  { name: 'n', type: 'integer' },
  { name: 'word', type: 'string' },
];
const rowsFrom = (first: number, count: number): Value[][] =>
  Array.from({ length: count }, (_, i) => [BigInt(first + i), i % 4 === 0 ? null : `w${(first + i) % 50}`]);
const batches = Array.from({ length: 12 }, (_, i) => batchOf(fields, rowsFrom(1000 * i, 1000)));
const rows = rowsFrom(0, 0).concat(...Array.from({ length: 12 }, (_, i) => rowsFrom(1000 * i, 1000)));
const file = encodeArrow(batches);

/** The file, and how much was read of it. */
function counted(bytes: Uint8Array) {
  const source = byteSource(bytes, 'x.arrow');
  const count = { bytes: 0 };
  const read = (start: number, end: number) => {
    count.bytes += end - start;
    return source.read(start, end);
  };
  return { source: { ...source, read }, count };
}

describe('an Arrow file', () => {
  test('is cut between its record batches, each of which is read by its shard alone', async () => {
    const { source, count } = counted(file);
    const shards = await planShards([source], 'arrow', { fields }, { targetBytes: 1, shards: 5 });
    expect(shards.map((shard) => shard.kind === 'batches' && [shard.firstRow, shard.rows])).toEqual([
      [0, 2000],
      [2000, 3000],
      [5000, 2000],
      [7000, 3000],
      [10_000, 2000],
    ]);
    const table = await readAll(source, shards, { fields }, { batchRows: 700 });
    expect(table.rows).toEqual(rows);
    expect(table.rowIds).toEqual(rows.map((_, i) => i));
    count.bytes = 0;
    await readAll(source, shards.slice(2, 3), { fields });
    // Two of twelve batches, the dictionary and, with the end of the file, the footer.
    expect(count.bytes).toBeLessThan(file.length / 4 + 2 ** 16);
  });

  for (const name of ['pyarrow.arrow', 'zstd.feather']) {
    test(`of another library (${name}) is the same in any number of shards`, async () => {
      const source = await fixture(name);
      const schema = await inferSchema([source], 'arrow');
      const whole = await readIn(source, 'arrow', schema, 1);
      const parts = await readIn(source, 'arrow', schema, 3);
      expect(parts).toEqual(whole);
      expect(parts.rows.length).toBe(500);
    });
  }

  test('has its schema read from its footer alone', async () => {
    const { source, count } = counted(encodeArrow(Array.from({ length: 40 }, () => batches).flat()));
    expect((await inferSchema([source], 'arrow')).fields).toEqual(fields);
    expect(count.bytes).toBeLessThan(70_000);
    expect(source.size).toBeGreaterThan(5_000_000);
  });

  test('of no record batch has no shards; a stream is one shard, and has its rows', async () => {
    const stream = await fixture('stream.arrow');
    const schema = await inferSchema([stream], 'arrow');
    const shards = await planShards([stream], 'arrow', schema, { targetBytes: 1, shards: 9 });
    expect(shards.map(({ kind }) => kind)).toEqual(['whole']);
    expect((await readAll(stream, shards, schema)).rowIds.length).toBe(500);
    const empty = byteSource(encodeArrow(batchOf(fields, [])), 'x.arrow');
    expect(await planShards([empty], 'arrow', { fields }, { targetBytes: 1 })).toEqual([]);
  });

  test('that is cut off or broken is refused with the place', async () => {
    const refused = async (bytes: Uint8Array) => {
      const source = byteSource(bytes, 'x.arrow');
      return readIn(source, 'arrow', { fields }, 3).then(String, String);
    };
    expect(await refused(file.subarray(0, 5000))).toMatch(
      /^BadTable: .*x\.arrow begins as an Arrow IPC file does and does not end as one at byte 5000: is it cut off\?$/,
    );
    const footer = file.slice();
    footer.set([0xff, 0xff, 0xff, 0x7f], file.length - 10);
    expect(await refused(footer)).toMatch(/^BadTable: The footer of .*x\.arrow is broken: /);
    const shards = await planShards([byteSource(file, 'x.arrow')], 'arrow', { fields }, { targetBytes: 1 });
    const message = file.slice();
    const third = Buffer.from(file).indexOf(Buffer.of(0xff, 0xff, 0xff, 0xff), 20_000);
    message.set([0xff, 0xff, 0xff, 0x0f], third + 4);
    const broken = byteSource(message, 'x.arrow');
    await expect(readAll(broken, shards, { fields })).rejects.toThrow(
      /^.*x\.arrow, record batches \d+ to \d+ \(from byte \d+\): .* a message at byte \d+ has 268435455 bytes/,
    );
  });

  test('whose codes or buffers lead nowhere is refused', async () => {
    const [batch] = batches;
    const words = batch!.columns[1]!;
    if (words.type !== 'string') throw new Error('it is of strings');
    const wrong = encodeArrow(batch!);
    // The first code that is not 0 becomes one of a word that there is not.
    const codes = Buffer.from(Int32Array.from(words.codes.subarray(8, 16)).buffer);
    const at = Buffer.from(wrong).indexOf(codes);
    expect(at).toBeGreaterThan(0);
    wrong.set([99, 0, 0, 0], at + 4);
    await expect(readIn(byteSource(wrong, 'x.arrow'), 'arrow', { fields }, 1)).rejects.toMatchObject({
      name: 'BadTable',
      message: expect.stringMatching(/row 9 has word 99 of a dictionary of 50/),
    });
  });
});
