import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../core/tables/shard.ts';
import { byteSource } from '../../support/byte-source.ts';
import { readIn } from '../../support/tables.ts';

const schema: Schema = {
  fields: [
    { name: 'word', type: 'string' },
    { name: 'count', type: 'integer' },
    { name: 'share', type: 'float' },
    { name: 'is', type: 'boolean' },
    { name: 'at', type: 'timestamp' },
  ],
};

const read = (text: string, shards = 1) => readIn(byteSource(text, 'table.ndjson'), 'ndjson', schema, shards);

describe('an NDJSON file', () => {
  test('gives typed columns, whatever the order of the keys and the blanks, and each row its first byte', async () => {
    const table = await read(
      '{"word":"a","count":1,"share":0.5,"is":true,"at":"2001-01-01T00:01:00Z"}\r\n\n { "at" : "1970-01-02" ,"is":false, "other":[{"x":"}"}], "share":1e-3,"count":-9223372036854775808,"word":"" }',
    );
    expect(table.rows).toEqual([
      ['a', 1n, 0.5, true, 978_307_260_000],
      ['', -(2n ** 63n), 0.001, false, 86_400_000],
    ]);
    expect(table.rowIds).toEqual([0, 75]);
    expect(table.rejected).toEqual([]);
  });

  test('has missing values where a key is null or not there', async () => {
    const table = await read('{"word":null,"count":1}\n{}\n');
    expect(table.rows).toEqual([
      [null, 1n, null, null, null],
      [null, null, null, null, null],
    ]);
  });

  test('may have escapes in keys and values; a key that stands twice has its last value', async () => {
    const table = await read('{"w\\u006frd":"\\u00e9\\n\\"","count":1,"count":2}\n');
    expect(table.rows[0]).toEqual(['é\n"', 2n, null, null, null]);
  });

  test('has any value in a column of strings, as its JSON text', async () => {
    const table = await read('{"word":[1, {"a":2}]}\n{"word":1.50}\n{"word":true}\n');
    expect(table.rows.map(([word]) => word)).toEqual(['[1, {"a":2}]', '1.50', 'true']);
  });

  test('has its bad rows reported with their place, column, reason and text', async () => {
    const table = await read(
      '{"count":"1"}\n{"count":1.5}\n{"is":1}\n{"at":5}\n{"count":01}\n[1]\n{"count":1}x\n{"count":1\n',
    );
    expect(table.rows).toEqual([]);
    expect(table.rejected).toEqual([
      { row: 0, column: 'count', reason: '"1" is not an integer of 64 bits', raw: '{"count":"1"}' },
      { row: 14, column: 'count', reason: '1.5 is not an integer of 64 bits', raw: '{"count":1.5}' },
      { row: 28, column: 'is', reason: '1 is not true or false', raw: '{"is":1}' },
      { row: 37, column: 'at', reason: '5 is not an ISO 8601 date or time', raw: '{"at":5}' },
      { row: 46, column: '', reason: 'the line is not JSON', raw: '{"count":01}' },
      { row: 59, column: '', reason: 'the line is not a JSON object', raw: '[1]' },
      { row: 63, column: '', reason: 'something follows the JSON object', raw: '{"count":1}x' },
      { row: 76, column: '', reason: 'the line is not JSON', raw: '{"count":1' },
    ]);
  });

  test('gives what JSON.parse gives, row by row, and rejects the lines that it refuses', async () => {
    const line = fc.oneof(
      fc
        .record(
          { word: fc.string(), share: fc.double({ noNaN: true, noDefaultInfinity: true }) },
          { requiredKeys: [] },
        )
        .map((row) => JSON.stringify(row)),
      fc.string({
        unit: fc.constantFrom('{', '}', '"', ':', ',', 'word', '1', '[', ']', '\\', 'e', ' ', 'null'),
        maxLength: 12,
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        async (lines, shards) => {
          const fields: Schema = { fields: [schema.fields[0]!, schema.fields[2]!] };
          const source = byteSource(`{"word":"first"}\n${lines.join('\n')}`);
          const table = await readIn(source, 'ndjson', fields, shards, { batchRows: 2 });
          const good = lines.map(parsed).filter((row) => row !== undefined);
          expect(table.rows.slice(1).map(([word]) => word)).toEqual(good.map(({ word }) => text(word)));
          const all = lines.filter((each) => each.trim() !== '').length;
          expect(table.rejected.length).toBe(all - good.length);
        },
      ),
      { numRuns: 400 },
    );
  });
});

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const text = (word: unknown) =>
  word === undefined || word === null ? null : typeof word === 'string' ? word : JSON.stringify(word);

describe('a row of NDJSON', () => {
  const words: Schema = { fields: [{ name: 'word', type: 'string' }] };

  test('may be larger than a shard, and is read once', async () => {
    const lines = ['a', 'b'.repeat(100_000), 'c'].map((word) => `{"word":"${word}"}\n`).join('');
    for (const shards of [1, 2, 9, 1000]) {
      const table = await readIn(byteSource(lines), 'ndjson', words, shards);
      expect(table.rows.map(([word]) => String(word).length)).toEqual([1, 100_000, 1]);
    }
  });

  test('that does not end within 64 MiB is named by its place', async () => {
    const head = new TextEncoder().encode('{"word":"a"}\n{"word":"');
    const size = 80 * 2 ** 20;
    const endless = {
      ...byteSource('', 'endless.ndjson'),
      size,
      read: async (start: number, end: number) => {
        const bytes = new Uint8Array(end - start).fill(120);
        if (start < head.length) bytes.set(head.subarray(start));
        return bytes;
      },
    };
    await expect(readIn(endless, 'ndjson', words, 1)).rejects.toMatchObject({
      name: 'BadTable',
      message: expect.stringMatching(
        /endless\.ndjson has a row at byte 13 that does not end within 67108864/,
      ),
    });
  });
});
