import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field, FieldType } from '../../../core/tables/batch.ts';
import { type CsvKernel, csvKernel } from '../../../core/tables/csv-kernel.ts';
import { readCsv } from '../../../core/tables/csv-read.ts';
import { planShards } from '../../../core/tables/plan.ts';
import type { Shard } from '../../../core/tables/shard.ts';
import { byteSource } from '../../support/byte-source.ts';
import { type ReadTable, rowsOf } from '../../support/tables.ts';

const encoder = new TextEncoder();

interface Reading {
  readonly fields: readonly Field[];
  readonly delimiter?: string;
  readonly shards?: number;
  readonly byKernel?: boolean;
}

async function read(content: Uint8Array | string, reading: Reading): Promise<ReadTable> {
  const { fields, delimiter = ',', shards = 1, byKernel = true } = reading;
  const source = byteSource(content);
  const table: ReadTable = { rows: [], rowIds: [], rejected: [] };
  for (const shard of await planShards([source], 'csv', { fields, delimiter }, { targetBytes: 1, shards })) {
    const bytes = shard as Extract<Shard, { kind: 'bytes' }>;
    for await (const { batch, rowIds, rejected } of readCsv(
      source,
      bytes,
      fields,
      delimiter,
      5,
      undefined,
      byKernel,
    )) {
      table.rows.push(...rowsOf(batch));
      table.rowIds.push(...rowIds);
      table.rejected.push(...rejected);
    }
  }
  return table;
}

const fieldsOf = (types: readonly FieldType[]): Field[] => types.map((type, i) => ({ name: `c${i}`, type }));

/** Reads a text by the kernel alone, without a header. */
function readByKernel(text: string, types: readonly (FieldType | undefined)[]) {
  const kernel = csvKernel();
  kernel.lay(types, 44);
  const bytes = kernel.join(new Uint8Array(0), 0, encoder.encode(text));
  const rows = kernel.read(bytes, 0, bytes.length, 1000, 1024);
  kernel.release();
  return { kernel, rows, next: kernel.next };
}

const columnOf = (kernel: CsvKernel, column: number, rows: number) => ({
  values: kernel.valuesOf(column, rows),
  valid: kernel.validOf(column, rows),
});

describe('the kernel', () => {
  test('takes numbers as pandas, polars and numpy write them, with the nearest double each', async () => {
    const texts = [
      ['0.6250955', '-1.2433243', '7', '1e-05', '2.5E+3', '123456.75', '.5', '5.'],
      ['0.12345678901234568', '-1.2433243087437393', '1.7976931348623157e308', '2.2250738585072014e-308'],
      ['9007199254740993', '-0.0', '0', '1234567890123456789', '0.000012345678901234567', '00012', '8.5e22'],
      // Nearer to the middle of two doubles than 64 bits of a power of five can tell.
      ['8313459959642899.5', '7546432589345099.5', '7.2051290459926640e-4', '4803242835788515.5'],
    ].flat();
    const { kernel, rows } = readByKernel(`${texts.join('\n')}\n`, ['float']);
    expect(rows).toBe(texts.length);
    expect([...kernel.valuesOf(0, rows)]).toEqual(texts.map(Number));
    expect([...kernel.rowIds(3)]).toEqual([1000, 1010, 1021]);
  });

  test('takes neighbours of any two lengths, and the last column as the others, with the nearest double each', () => {
    const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));
    const decimal = fc
      .tuple(fc.constantFrom('', '-'), digits(0, 17), fc.constantFrom('', '.'), digits(0, 17))
      .filter(([, whole, , fraction]) => whole.length + fraction.length > 0)
      .map((parts) => parts.join('').slice(0, 24))
      .filter((text) => !['-', '.', '-.'].includes(text));
    const table = fc.integer({ min: 1, max: 7 }).chain((columns) =>
      fc.array(fc.array(decimal, { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 9,
      }),
    );
    const property = fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, end) => {
      const types = rows[0]!.map(() => 'float' as const);
      const text = rows.map((row) => row.join(',') + end).join('');
      const { kernel, rows: read } = readByKernel(text, types);
      for (const column of types.keys()) {
        expect([...kernel.valuesOf(column, read)]).toEqual(
          rows.slice(0, read).map((row) => Number(row[column])),
        );
      }
      // It stops at what it is not sure of: more digits than a double tells apart.
      if (read < rows.length)
        expect(rows[read]!.some((field) => field.replace(/\D/g, '').length > 18)).toBe(true);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test('stops at a row whose neighbours are no numbers', () => {
    for (const bad of [
      '1.2.3',
      '-',
      '.',
      '-.',
      '1-2',
      '--1',
      '1e',
      '0x1',
      '1 ',
      '/',
      ':',
      '1..2',
      '١',
      '1_0',
    ])
      for (const row of [
        `${bad},2,3,4`,
        `1,${bad},3,4`,
        `1,2,3,${bad}`,
        `1,2,3`,
        `1,2,3,4,5`,
        `1,2,3,4\r,5`,
      ]) {
        const { kernel, rows } = readByKernel(`0.5,-1,2.25,3\n${row}\n`, [
          'float',
          'float',
          'float',
          'float',
        ]);
        expect([row, rows]).toEqual([row, 1]);
        expect(kernel.valuesOf(3, rows)[0]).toBe(3);
      }
  });

  test('reads on one by one where pairs of columns are not short decimals', () => {
    const row = ['0.12345678901234568', '1', 'nan', '0.25'];
    const kernel = csvKernel();
    kernel.lay(
      row.map(() => 'float'),
      44,
    );
    const bytes = kernel.join(new Uint8Array(0), 0, encoder.encode(`${row.join(',')}\n`.repeat(600)));
    // The second run knows what became of the first.
    for (let from = 0, run = 0; run < 2; run++, from = kernel.next) {
      expect(kernel.read(bytes, from, bytes.length, 0, 300)).toBe(300);
      expect([0, 1, 2, 3].map((column) => kernel.valuesOf(column, 300)[299])).toEqual(row.map(Number));
    }
  });

  test('takes quoted, empty and skipped fields, empty lines and CRLF', async () => {
    const text = '1.5,"a\n,""b"" ",12\r\n\r\n,xyz,-3.0\r\n\n"2",,""\r\nnan,é,"4"\r\n';
    const { kernel, rows, next } = readByKernel(text, ['float', undefined, 'integer']);
    expect(rows).toBe(4);
    expect(next).toBe(encoder.encode(text).length);
    expect(columnOf(kernel, 0, rows)).toEqual({
      values: Float64Array.of(1.5, NaN, 2, NaN),
      valid: Uint8Array.of(1, 0, 1, 0),
    });
    expect(columnOf(kernel, 2, rows)).toEqual({
      values: BigInt64Array.of(12n, -3n, 0n, 4n),
      valid: Uint8Array.of(1, 1, 0, 1),
    });
  });

  test('takes times and truth', async () => {
    const text =
      '2001-02-28,true\n1969-12-31T23:59:59.9999Z,0\n2000-02-29 01:02:03+01:30,FALSE\n0001-01-01T00:00,1\n';
    const { kernel, rows } = readByKernel(text, ['timestamp', 'boolean']);
    expect([...kernel.valuesOf(0, rows)]).toEqual([
      Date.UTC(2001, 1, 28),
      -1,
      Date.UTC(2000, 1, 28, 23, 32, 3),
      -62135596800000,
    ]);
    expect([...kernel.valuesOf(1, rows)]).toEqual([1, 0, 0, 1]);
  });

  test.each([
    ['a doubled quote in a number', '"1""2"'],
    ['two points', '1.2.3'],
    ['no digit', '-.'],
    ['a sign of plus', '+5'],
    ['blanks', ' 5'],
    ['a number that is not normal', '4e-320'],
    ['a number too large', '1e309'],
    ['20 digits', '12345678901234567890'],
    ['too many fields', '1,2'],
    ['a quote that is not closed', '"1'],
    ['a row whose end is not there', '1'],
  ])('leaves a row with %s', (_, text) => {
    const last = text === '1' || text === '"1' ? '' : '\n';
    expect(readByKernel(`5\n${text}${last}`, ['float'])).toMatchObject({ rows: 1, next: 2 });
  });
});

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 22 });
const oddNumbers = [
  ...[
    '1e400',
    '-1e400',
    '-0',
    '-0.0',
    '+5',
    ' 5 ',
    '0x10',
    '00012',
    '.5',
    '5.',
    '.',
    '-',
    '-.',
    '1.2.3',
    '1e',
    '1e+',
  ],
  ...[
    'nan',
    'NaN',
    ' nan',
    'inf',
    '-Infinity',
    '',
    '5e-324',
    '2.2250738585072011e-308',
    '1.7976931348623159e308',
  ],
  ...[
    '1e23',
    '0e999999',
    '9007199254740993',
    '1,5',
    '5e3e',
    '--1',
    '1_000',
    '٣',
    '12.0',
    '9223372036854775808',
  ],
];
/** Exactly between two doubles, and beside. */
const halfway = fc
  .tuple(
    fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
    fc.bigInt({ min: 0n, max: 9n }),
    fc.integer({ min: -1, max: 1 }),
  )
  .map(([k, shift, off]) => String(((2n * k + 1n) << shift) + BigInt(off)));
const numbers = fc.oneof(
  fc.double({ noNaN: true }).map(String),
  fc.float({ noNaN: true }).map((value) => String(Number(value.toPrecision(8)))),
  fc.tuple(fc.constantFrom('', '-'), digits, digits).map(([sign, whole, part]) => `${sign}${whole}.${part}`),
  fc.tuple(digits, digits, fc.integer({ min: -345, max: 330 })).map(([a, b, e]) => `${a}.${b}e${e}`),
  fc.tuple(halfway, fc.constantFrom('', '.0', 'e-3', 'e5')).map(([a, b]) => a + b),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  digits,
  fc.constantFrom(...oddNumbers),
);

test('gives the nearest double of every number', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(numbers, { minLength: 1, maxLength: 200 }), async (texts) => {
      const plain = ['0', ...texts.filter((text) => /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text))];
      const table = await read(`c0,c1\n${plain.map((text) => `${text},${text}\n`).join('')}`, {
        fields: fieldsOf(['float', 'float']),
      });
      expect(table.rows).toEqual(plain.map((text) => [Number(text), Number(text)]));
    }),
    { numRuns: 150 },
  );
});

const pad = (value: number, size: number): string => String(value).padStart(size, '0');
const times = fc
  .tuple(
    fc.tuple(
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    ),
    fc.constantFrom('T', ' ', 't', ''),
    fc.tuple(fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0, max: 60 })),
    fc.constantFrom('', ':59', ':60', ':07.5', ':07,25', ':07.123456789', ':07.', ':5'),
    fc.constantFrom('', 'Z', 'z', '+01:30', '-0130', '+01', '-00:00', '+1', '+01:3', ' '),
  )
  .map(([[y, m, d], between, [hour, minute], second, zone]) => {
    const date = `${pad(y, 4)}-${pad(m, 2)}-${pad(d, 2)}`;
    return between === '' ? date : `${date}${between}${pad(hour, 2)}:${pad(minute, 2)}${second}${zone}`;
  });
const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', '1', ';', '😀'), maxLength: 24 }),
  fc.constantFrom('LAX', 'JFK', 'a name of more than sixteen bytes'),
);
const truths = fc.constantFrom('true', 'False', 'TRUE', '0', '1', '2', 'yes', 'tru', '');
const textOfType: Readonly<Record<FieldType, fc.Arbitrary<string>>> = {
  float: numbers,
  integer: numbers,
  boolean: truths,
  timestamp: times,
  string: texts,
};

/** A table of any types, most of it well written; which bytes are put elsewhere afterwards, and by what. */
const tables = fc
  .record({
    types: fc.array(fc.constantFrom<FieldType>('float', 'integer', 'boolean', 'timestamp', 'string'), {
      minLength: 1,
      maxLength: 4,
    }),
    delimiter: fc.constantFrom(',', ';', '\t', '|', ' '),
    lineBreak: fc.constantFrom('\n', '\r\n'),
    last: fc.boolean(),
  })
  .chain((form) => {
    const quoted = form.types.map((type) => fc.tuple(textOfType[type], fc.integer({ min: 0, max: 5 })));
    return fc.record({
      form: fc.constant(form),
      rows: fc.array(fc.tuple(...quoted), { minLength: 1, maxLength: 12 }),
      mutations: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        fc.array(
          fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(34, 10, 13, 44, 0, 0xff, 0xc3, 46), fc.nat(255))),
          {
            maxLength: 4,
          },
        ),
      ),
    });
  })
  .map(({ form, rows, mutations }) => {
    const { types, delimiter, lineBreak, last } = form;
    const header = fieldsOf(types).map(({ name }) => name);
    const lines = rows.map((row) =>
      row
        .map(([text, quotes]) =>
          quotes === 0 || /["\r\n]/.test(text) || text.includes(delimiter)
            ? `"${text.replaceAll('"', '""')}"`
            : text,
        )
        .join(delimiter),
    );
    const bytes = encoder.encode(
      [header.join(delimiter), ...lines].join(lineBreak) + (last ? lineBreak : ''),
    );
    const first = header.join(delimiter).length + lineBreak.length;
    for (const [at, byte] of mutations) {
      if (bytes.length > first) bytes[first + (at % (bytes.length - first))] = byte;
    }
    return { bytes, first, fields: fieldsOf(types), delimiter };
  })
  .filter(({ bytes, first }) => bytes.length > first);

/** Where rows begin: behind line breaks that are not within quotes. */
function rowStarts(bytes: Uint8Array, first: number): number[] {
  const starts: number[] = [];
  const text = String.fromCharCode(...bytes);
  let start = first;
  for (let at = first; at <= text.length; at++) {
    const inQuotes = text.slice(first, at).split('"').length % 2 === 0;
    if (at < text.length && (text[at] !== '\n' || inQuotes)) continue;
    const line = text.slice(start, at);
    // A lone CR is empty where a line break or the end of the file is behind it.
    if (line !== '' && line !== '\r') starts.push(start);
    start = at + 1;
  }
  return starts;
}

describe('a CSV file read by the kernel', () => {
  test('is, cell by cell and reject by reject, what it is row by row, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.integer({ min: 1, max: 60 }), async (table, shards) => {
        const { bytes, first, fields, delimiter } = table;
        const expected = await read(bytes, { fields, delimiter, byKernel: false });
        expect(await read(bytes, { fields, delimiter })).toEqual(expected);
        expect(await read(bytes, { fields, delimiter, shards })).toEqual(expected);
        const rows = [...expected.rowIds, ...expected.rejected.map(({ row }) => row)].sort((a, b) => a - b);
        expect(rows).toEqual(rowStarts(bytes, first));
      }),
      { numRuns: 400 },
    );
  });

  test('is the same with a boundary at each of its bytes', async () => {
    const text =
      'c0,c1,c2,c3\r\n-0.12345678901234568,12,2001-02-03T04:05:06.789Z,"a ""b""\r\n,c"\r\n"1.5",,,\r\n\r\n1e-7,-3.0,1999-12-31,é😀\r\nnan,7';
    const fields = fieldsOf(['float', 'integer', 'timestamp', 'string']);
    const expected = await read(text, { fields, byKernel: false });
    expect(expected.rows.length + expected.rejected.length).toBe(4);
    for (let shards = 1; shards <= encoder.encode(text).length; shards++)
      expect(await read(text, { fields, shards })).toEqual(expected);
  });

  test('has the words of each batch, however many there are', async () => {
    const words = Array.from({ length: 140_000 }, (_, i) => `w${(i * 7919) % 70_001}`);
    const source = byteSource(`c0\n${words.join('\n')}\n`);
    const [shard] = await planShards([source], 'csv', { fields: fieldsOf(['string']) }, { targetBytes: 1e9 });
    const read: unknown[] = [];
    for await (const { batch } of readCsv(source, shard as never, fieldsOf(['string']), ',', 20_000))
      for (const row of rowsOf(batch)) read.push(row[0]);
    expect(read.findIndex((word, i) => word !== words[i])).toBe(-1);
    expect(read.length).toBe(words.length);
  });

  test('has rows rejected whose text is not UTF-8, and no others', async () => {
    const good = Array.from({ length: 40 }, (_, i) => `${i},é${i}\n`).join('');
    const bytes = encoder.encode(`c0,c1\n${good}99,x?y\n${good}`);
    const at = bytes.indexOf(63);
    bytes[at] = 0xe9;
    const fields = fieldsOf(['integer', 'string']);
    const table = await read(bytes, { fields });
    expect(table.rows.length).toBe(80);
    expect(table.rejected).toEqual([
      {
        row: at - 4,
        column: 'c1',
        reason: 'invalid UTF-8',
        raw: '99,x\ufffdy',
        raw_base64: btoa('99,x\xe9y'),
      },
    ]);
    expect((await read(bytes, { fields: fieldsOf(['integer']) })).rejected).toEqual([]);
  });
});
