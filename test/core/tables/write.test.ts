import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field } from '../../../core/tables/batch.ts';
import { tableFormats } from '../../../core/tables/format.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { floatTexts } from '../../../core/tables/texts.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { batchOf, readIn } from '../../support/tables.ts';

const fields: readonly Field[] = [
  { name: 'f', type: 'float' },
  { name: 'i', type: 'integer' },
  { name: 'b', type: 'boolean' },
  { name: 't', type: 'timestamp' },
  { name: 'a "name", with all', type: 'string' },
];

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const some = batchOf(fields, [
  [0.1, 2n ** 63n - 1n, true, Date.UTC(2001, 0, 1, 0, 1), 'x'],
  [null, null, null, null, null],
  [1e21, -5n, false, Date.UTC(2001, 0, 1), 'say "hi",\nthere'],
  [-Infinity, 0n, false, 1, ''],
]);

describe('a table that is written', () => {
  test('as CSV is RFC 4180, with ISO 8601 times, nothing for a missing value and "" for an empty string', () => {
    expect(decode(encodeTable('csv', [some]))).toBe(
      [
        'f,i,b,t,"a ""name"", with all"',
        '0.1,9223372036854775807,true,2001-01-01T00:01:00.000Z,x',
        ',,,,',
        '1e+21,-5,false,2001-01-01T00:00:00.000Z,"say ""hi"",\nthere"',
        '-inf,0,false,1970-01-01T00:00:00.001Z,""',
        '',
      ].join('\n'),
    );
  });

  test('as NDJSON has every key in every line', () => {
    const key = '"a \\"name\\", with all"';
    expect(
      decode(encodeTable('ndjson', [some, some]))
        .split('\n')
        .slice(0, 4),
    ).toEqual([
      `{"f":0.1,"i":9223372036854775807,"b":true,"t":"2001-01-01T00:01:00.000Z",${key}:"x"}`,
      `{"f":null,"i":null,"b":null,"t":null,${key}:null}`,
      `{"f":1e+21,"i":-5,"b":false,"t":"2001-01-01T00:00:00.000Z",${key}:"say \\"hi\\",\\nthere"}`,
      `{"f":null,"i":0,"b":false,"t":"1970-01-01T00:00:00.001Z",${key}:""}`,
    ]);
  });

  test('is read back as it was, in every format', async () => {
    const value = fc.tuple(
      fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(fc.boolean()),
      fc.option(fc.integer({ min: -62e12, max: 250e12 })),
      fc.option(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\\', 'é', '東', ' ') })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(value, { maxLength: 8 }), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...tableFormats),
        async (parts, format) => {
          fc.pre(parts.flat().length > 0);
          const bytes = encodeTable(
            format,
            parts.map((rows) => batchOf(fields, rows)),
          );
          const table = await readIn(byteSource(bytes, `t.${format}`), format, { fields }, 3);
          expect(table.rows).toEqual(parts.flat());
          expect(table.rejected).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('without rows still says what its columns are', async () => {
    for (const format of ['parquet', 'arrow'] as const) {
      const bytes = encodeTable(format, [batchOf(fields, [])]);
      expect((await inferSchema([byteSource(bytes, `t.${format}`)], format)).fields).toEqual(fields);
    }
  });
});

describe('the text of numbers', () => {
  const textsOf = (values: readonly number[]) => values.map(floatTexts(Float64Array.from(values)));

  test('is the shortest that reads back as the same 32 bits, where all of a column have no more', () => {
    const values = [0.1, 1 / 3, 0.5, 3, 1e-40].map(Math.fround);
    expect(textsOf([...values, -0])).toEqual(['0.1', '0.33333334', '0.5', '3', '1e-40', '-0']);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const [text] = textsOf([value]);
        expect(Math.fround(Number(text))).toBe(value);
        expect(text!.length).toBeLessThanOrEqual(String(value).length + 1);
      }),
    );
  });

  test('is the shortest that reads back as the same double otherwise', () => {
    expect(textsOf([Math.fround(0.1), 0.1])).toEqual(['0.10000000149011612', '0.1']);
  });
});
