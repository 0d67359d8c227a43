import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gunzip } from '../../../adapters/node/gunzip.ts';
import { GzipText } from '../../../core/tables/gzip.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { byteSource } from '../../support/byte-source.ts';
import { readIn } from '../../support/tables.ts';

const encoder = new TextEncoder();
const gz = (...members: readonly (string | Uint8Array)[]) =>
  new Uint8Array(Buffer.concat(members.map((text) => gzipSync(text))));

async function readGz(bytes: Uint8Array, name: string, options = {}) {
  const source = byteSource(bytes, name);
  const format = name.includes('csv') ? 'csv' : 'ndjson';
  const schema = await inferSchema([source], format, {}, { gunzip });
  return { schema, ...(await readIn(source, format, schema, 1, { gunzip, ...options })) };
}

describe('a compressed table', () => {
  test('is read as its text is, row ids being places in the text', async () => {
    const text = '\uFEFFa,b\r\n1,"x\ny"\r\n2,z\r\noops\r\n';
    const table = await readGz(gz(text), 'x.csv.gz', { batchRows: 1 });
    expect(table.schema.fields.map(({ name, type }) => [name, type])).toEqual([
      ['a', 'integer'],
      ['b', 'string'],
    ]);
    expect(table.rows).toEqual([
      [1n, 'x\ny'],
      [2n, 'z'],
    ]);
    expect(table.rowIds).toEqual([8, 17]);
    expect(table.rejected).toMatchObject([{ row: 22, raw: 'oops' }]);
    const rest = await readGz(gz(text), 'x.csv.gz', { from: 17 });
    expect(rest.rowIds).toEqual([17]);
  });

  test('may have several members, and zeros behind the last', async () => {
    const bytes = Buffer.concat([gz('{"a":1}\n{"a', '":2}\n', ''), Buffer.alloc(600)]);
    const table = await readGz(new Uint8Array(bytes), 'x.ndjson.gz');
    expect(table.rows).toEqual([[1n], [2n]]);
    expect(table.rowIds).toEqual([0, 8]);
  });

  test('without rows has none', async () => {
    expect((await readGz(gz('a,b'), 'x.csv.gz')).rows).toEqual([]);
    expect((await readGz(gz('a,b\n'), 'x.csv.gz')).rows).toEqual([]);
  });

  test('larger than what is read at once has every row once', async () => {
    const rows = 700_000;
    const lines = Array.from({ length: rows }, (_, i) => `{"i":${i},"word":"w${i % 7}"}\n`);
    const text = lines.join('');
    expect(text.length).toBeGreaterThan(16 * 2 ** 20);
    const table = await readGz(gz(text), 'x.ndjson.gz');
    expect(table.rows.length).toBe(rows);
    expect(table.rows.every(([i], at) => i === BigInt(at))).toBe(true);
    expect(table.rowIds.at(-1)).toBe(text.length - lines.at(-1)!.length);
  });

  test('that is cut off, corrupt or followed by something is refused with the place in the compressed file', async () => {
    const whole = gz(`{"a":1}\n`.repeat(1000));
    const cut = (await refusal(whole.subarray(0, whole.length - 9), 'cut.ndjson.gz')) as Error;
    expect(cut).toMatchObject({ name: 'BadTable' });
    expect(cut.message).toMatch(
      /cut\.ndjson\.gz cannot be decompressed from byte \d+ of its 4\d on \(unexpected end of file\)/,
    );
    const flipped = whole.slice();
    flipped[whole.length - 6]! ^= 0xff;
    expect(await refusal(flipped, 'x.ndjson.gz')).toMatchObject({
      name: 'BadTable',
      message: expect.stringMatching(/from byte \d+ .*\(incorrect data check\)/),
    });
    for (const junk of ['junk', '\0\0\0junk']) {
      const trailed = new Uint8Array(Buffer.concat([whole, encoder.encode(junk)]));
      expect(await refusal(trailed, 'x.ndjson.gz')).toMatchObject({ name: 'BadTable' });
    }
  });

  test('keeps what its reader failed by', async () => {
    const source = { ...byteSource(gz('a'), 'x.gz'), read: () => Promise.reject(new Error('the network')) };
    await expect(new GzipText(source, gunzip).read(0, 10)).rejects.toThrow('the network');
  });
});

async function refusal(bytes: Uint8Array, name: string): Promise<unknown> {
  const schema = { fields: [{ name: 'a', type: 'integer' }] } as const;
  return readIn(byteSource(bytes, name), 'ndjson', schema, 1, { gunzip }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('text is read from any place, in pieces of any size', async () => {
  const text = encoder.encode(Array.from({ length: 40_000 }, (_, i) => `${i} `).join(''));
  const source = new GzipText(byteSource(gz(text.subarray(0, 99_999), text.subarray(99_999))), gunzip);
  const place = fc.integer({ min: 0, max: text.length + 10 });
  await fc.assert(
    fc.asyncProperty(place, place, async (start, length) => {
      const read = await source.read(start, start + length);
      expect(Buffer.compare(read, text.subarray(start, start + length))).toBe(0);
    }),
    { numRuns: 50 },
  );
  await source.read(0, text.length + 1);
  expect(source.size).toBe(text.length);
  await source.close();
});
