import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planShards } from '../../../core/tables/plan.ts';
import type { Schema } from '../../../core/tables/shard.ts';
import { byteSource } from '../../support/byte-source.ts';
import { readAll, readIn } from '../../support/tables.ts';

const people: Schema = {
  fields: [
    { name: 'name', type: 'string' },
    { name: 'age', type: 'integer' },
    { name: 'height', type: 'float' },
  ],
};

const read = (text: string, schema = people, shards = 1) => readIn(byteSource(text), 'csv', schema, shards);

describe('a CSV file', () => {
  test('gives typed columns, and each row the place of its first byte', async () => {
    const table = await read('name,age,height\nAnn,41,1.7\nBob,7,0.95\n');
    expect(table.rows).toEqual([
      ['Ann', 41n, 1.7],
      ['Bob', 7n, 0.95],
    ]);
    expect(table.rowIds).toEqual([16, 27]);
    expect(table.rejected).toEqual([]);
  });

  test('may have CRLF, a byte order mark, no last line break, or empty lines at its end', async () => {
    const rows = [['Ann', 41n, 1.7]];
    expect((await read('name,age,height\r\nAnn,41,1.7\r\n')).rows).toEqual(rows);
    expect((await read('\ufeffname,age,height\nAnn,41,1.7\n')).rows).toEqual(rows);
    expect((await read('name,age,height\nAnn,41,1.7')).rows).toEqual(rows);
    expect((await read('name,age,height\r\nAnn,41,1.7\r')).rows).toEqual(rows);
    expect((await read('name,age,height\nAnn,41,1.7\n\n\r\n')).rows).toEqual(rows);
  });

  test('may have line breaks, delimiters and doubled quotes in quoted fields', async () => {
    const table = await read('name,age,height\n"Ann ""the tall""\r\nof York, UK","41",1.7\n');
    expect(table.rows).toEqual([['Ann "the tall"\r\nof York, UK', 41n, 1.7]]);
  });

  test('has missing values where a field is empty; an empty quoted field is an empty string', async () => {
    const table = await read('name,age,height\n,,\n"","",""\nBob,,nan\n');
    expect(table.rows).toEqual([
      [null, null, null],
      ['', null, null],
      ['Bob', null, null],
    ]);
  });

  test('may have its columns in another order than the schema, and more of them', async () => {
    const table = await read('height,city,age,name\n1.7,York,41,Ann\n');
    expect(table.rows).toEqual([['Ann', 41n, 1.7]]);
  });

  test('has its bad rows reported with their place, column, reason and text, and its good ones read', async () => {
    const table = await read('name,age,height\nAnn,old,1.7\nBob,7\nCid,1,2\nDan,2,tall\nE"v"e,3,1\n');
    expect(table.rows).toEqual([['Cid', 1n, 2]]);
    expect(table.rejected).toEqual([
      { row: 16, column: 'age', reason: '"old" is not an integer of 64 bits', raw: 'Ann,old,1.7' },
      { row: 28, column: '', reason: 'the row has 2 fields, the header 3', raw: 'Bob,7' },
      { row: 42, column: 'height', reason: '"tall" is not a number', raw: 'Dan,2,tall' },
      {
        row: 53,
        column: '',
        reason: 'a quote stands where none may: quote the whole field, and double the quotes in it',
        raw: 'E"v"e,3,1',
      },
    ]);
  });

  test('with a quote that is never closed has its last row rejected', async () => {
    const table = await read('name,age,height\nAnn,41,1.7\n"Bob,7,1\nCid,1,2\n');
    expect(table.rows).toEqual([['Ann', 41n, 1.7]]);
    expect(table.rejected.map(({ row, raw }) => [row, raw])).toEqual([[27, '"Bob,7,1\nCid,1,2\n']]);
  });

  test('whose object changed since it was planned is refused', async () => {
    const text = 'name,age,height\nAnn,41,1.7\n';
    const shards = await planShards([byteSource(text)], 'csv', people, { targetBytes: 100 });
    await expect(readAll(byteSource(text, 'table.csv', 'other'), shards, people)).rejects.toThrow(
      /changed since/,
    );
  });

  test('that lacks a column of the table is refused, with what it has', async () => {
    await expect(read('name,age\nAnn,41\n')).rejects.toThrow(
      'file:///tables/table.csv lacks the column height; its header has: name, age',
    );
  });
});

/** A writer after RFC 4180 that quotes where it must, and elsewhere as the dice fall. */
const csvField = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', '1'), maxLength: 6 }),
    fc.boolean(),
  )
  .map(([text, quotes]) => ({
    text,
    raw: quotes || /[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text,
  }));

const csvTable = fc.record({
  rows: fc.array(fc.tuple(csvField, csvField), { minLength: 1, maxLength: 30 }),
  lineBreak: fc.constantFrom('\n', '\r\n'),
  last: fc.boolean(),
});

describe('a CSV file cut into shards', () => {
  const fields: Schema = {
    fields: [
      { name: 'a', type: 'string' },
      { name: 'b', type: 'string' },
    ],
  };

  test('gives the rows that were written, whatever the quotes and the number of shards', async () => {
    await fc.assert(
      fc.asyncProperty(
        csvTable,
        fc.integer({ min: 1, max: 40 }),
        async ({ rows, lineBreak, last }, shards) => {
          const lines = ['a,b', ...rows.map((row) => row.map((field) => field.raw).join(','))];
          const text = lines.join(lineBreak) + (last ? lineBreak : '');
          const table = await readIn(byteSource(text), 'csv', fields, shards, { batchRows: 3 });
          expect(table.rows).toEqual(rows.map((row) => row.map((field) => field.text)));
          expect(table.rejected).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('longer than what is read at once gives the rows that were written', async () => {
    const texts = Array.from({ length: 90_000 }, (_, i) => `row ${i}, "${'x\n'.repeat(i % 97)}"`);
    const source = byteSource(
      `a,b\n${texts.map((text, i) => `${i},"${text.replaceAll('"', '""')}"`).join('\n')}`,
    );
    expect(source.size).toBeGreaterThan(2 ** 23);
    for (const shards of [1, 2]) {
      const table = await readIn(source, 'csv', fields, shards);
      expect(table.rows.length).toBe(texts.length);
      expect(table.rows.findIndex(([a, b], i) => a !== String(i) || b !== texts[i])).toBe(-1);
    }
  });

  test('gives the same rows, places and rejects in one shard as in any number, whatever the bytes', async () => {
    const bytes = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', '""', '1'), maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 2, max: 60 }), async (text, shards) => {
        const source = byteSource(`a,b\n1,2\n${text}`);
        expect(await readIn(source, 'csv', fields, shards)).toEqual(await readIn(source, 'csv', fields, 1));
      }),
      { numRuns: 250 },
    );
  });
});
