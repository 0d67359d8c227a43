import { describe, expect, test } from 'vitest';
import { fieldsNamed } from '../../../core/tables/fields.ts';
import { formatOf, formatOfAll } from '../../../core/tables/format.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { batchOf } from '../../support/tables.ts';

const typesOf = async (text: string, format: 'csv' | 'ndjson' = 'csv', overrides = {}) => {
  const { fields } = await inferSchema([byteSource(text)], format, overrides);
  return Object.fromEntries(fields.map(({ name, type }) => [name, type]));
};

describe('the schema of a CSV file', () => {
  test('has the narrowest type that all the values of a column are of', async () => {
    const text =
      'i,f,b,t,d,s,none,mixed\n1,1.5,true,2001-01-01T00:01:00,2001-01-01,x,,1\n-2,3,False,2001-01-01 00:02,2001-02-01,"1,2",,true\n,nan,,,,,,\n';
    expect(await typesOf(text)).toEqual({
      i: 'integer',
      f: 'float',
      b: 'boolean',
      t: 'timestamp',
      d: 'timestamp',
      s: 'string',
      none: 'string',
      mixed: 'string',
    });
  });

  test('takes numbers with leading zeros for text, and integers beyond 64 bits for floats', async () => {
    expect(await typesOf('zip,big,half\n01234,9223372036854775808,0.5\n99999,1,0\n')).toEqual({
      zip: 'string',
      big: 'float',
      half: 'float',
    });
  });

  test('is not guessed of a column of numbers with a text in it: somebody is to say what it is', async () => {
    const numbers = Array.from({ length: 40 }, (_, row) => row / 2);
    const csv = (...texts: readonly string[]) => `x\n${[...numbers, ...texts].join('\n')}\n`;
    await expect(typesOf(csv('far', 'wide'))).rejects.toMatchObject({
      name: 'BadTable',
      message: expect.stringMatching(
        /^Column x of .*table\.csv holds numbers, but "far" among .* 42 of them\. /,
      ),
    });
    const json = [...numbers.map((x) => ({ x })), { x: 'far' }].map((row) => JSON.stringify(row)).join('\n');
    await expect(typesOf(json, 'ndjson')).rejects.toThrow('Column x of');
    expect(await typesOf(csv('far'), 'csv', { x: 'string' })).toEqual({ x: 'string' });
    expect(await typesOf(csv('far'), 'csv', { x: 'float' })).toEqual({ x: 'float' });
    // More texts than one in 20, or a code such as 007, make a column of strings.
    expect(await typesOf(csv('a', 'b', 'c'))).toEqual({ x: 'string' });
    expect(await typesOf(csv('007'))).toEqual({ x: 'string' });
  });

  test('looks at the end of the last file too', async () => {
    const first = byteSource(`x\n${'1\n'.repeat(700_000)}`, 'a.csv');
    const last = byteSource(`x\n${'1\n'.repeat(700_000)}2.5\n`, 'b.csv');
    expect((await inferSchema([first, last], 'csv')).fields).toEqual([{ name: 'x', type: 'float' }]);
    expect((await inferSchema([last], 'csv')).fields).toEqual([{ name: 'x', type: 'float' }]);
  });

  test('may be overridden by column, and refuses a column that is not there, with the nearest name', async () => {
    expect(await typesOf('delay,origin\n1,ATL\n', 'csv', { delay: 'float' })).toEqual({
      delay: 'float',
      origin: 'string',
    });
    await expect(typesOf('delay,origin\n1,ATL\n', 'csv', { delai: 'float' })).rejects.toThrow(
      /no column "delai"; did you mean delay/,
    );
  });

  test('keeps the delimiter, a tab where the name ends in .tsv', async () => {
    const semicolons = await inferSchema([byteSource('a;b\n1;2\n')], 'csv', {}, { delimiter: ';' });
    expect(semicolons).toEqual({
      fields: [
        { name: 'a', type: 'integer' },
        { name: 'b', type: 'integer' },
      ],
      delimiter: ';',
    });
    expect((await inferSchema([byteSource('a\tb\n1\t2\n', 'x.tsv')], 'csv')).delimiter).toBe('\t');
    await expect(inferSchema([byteSource('a;b\n1;2\n')], 'csv', {}, { delimiter: '"' })).rejects.toThrow(
      /A CSV delimiter is one ASCII character/,
    );
  });

  test('is the same for files whose columns stand in another order, and refused for other columns', async () => {
    const one = byteSource('a,b\n1,x\n', 'one.csv');
    expect((await inferSchema([one, byteSource('b,a\ny,2.5\n', 'two.csv')], 'csv')).fields).toEqual([
      { name: 'a', type: 'float' },
      { name: 'b', type: 'string' },
    ]);
    await expect(inferSchema([one, byteSource('a,c\n1,2\n', 'two.csv')], 'csv')).rejects.toThrow(
      'file:///tables/one.csv has a column b, which file:///tables/two.csv lacks.',
    );
    await expect(inferSchema([one, byteSource('a,b,c\n1,2,3\n', 'two.csv')], 'csv')).rejects.toThrow(
      'file:///tables/two.csv has a column c, which file:///tables/one.csv lacks.',
    );
  });

  test('needs a header with a name for each column, each once', async () => {
    await expect(typesOf('a,,c\n1,2,3\n')).rejects.toThrow(/Column 2 of .* has no name/);
    await expect(typesOf('a,b,a\n1,2,3\n')).rejects.toThrow(/names the column a twice/);
    await expect(typesOf('a"b,c\n1,2\n')).rejects.toThrow(/has a quote where none may stand/);
    await expect(inferSchema([byteSource('')], 'csv')).rejects.toThrow(
      'The table is empty: file:///tables/table.csv has zero bytes.',
    );
    await expect(inferSchema([], 'csv')).rejects.toThrow('The table is empty: it has no files.');
  });
});

describe('the schema of an NDJSON file', () => {
  test('has the keys in the order of their first appearance, and types that their values are of', async () => {
    const text =
      '{"a":1,"b":"x"}\n{"c":true,"a":2.5,"t":"2001-01-01"}\n{"n":null,"s":"1","m":1}\n{"m":"x","o":{"p":[1]}}\nbroken\n';
    expect(await typesOf(text, 'ndjson')).toEqual({
      a: 'float',
      b: 'string',
      c: 'boolean',
      t: 'timestamp',
      n: 'string',
      s: 'string',
      m: 'string',
      'o.p': 'string',
    });
    await expect(typesOf('hello\nthere\n', 'ndjson')).rejects.toThrow(/holds no JSON object/);
  });
});

describe('the schema of Parquet files', () => {
  const parquet = (name: string, type: 'float' | 'integer' | 'string', file: string) =>
    byteSource(
      encodeTable('parquet', [
        batchOf([{ name, type }], [[type === 'string' ? 'x' : type === 'integer' ? 1n : 1]]),
      ]),
      file,
    );

  test('must be the same in all of them', async () => {
    const one = parquet('x', 'float', 'one.parquet');
    await expect(inferSchema([one, parquet('y', 'float', 'two.parquet')], 'parquet')).rejects.toThrow(
      'file:///tables/two.parquet lacks the column x, which file:///tables/one.parquet has.',
    );
    await expect(inferSchema([one, parquet('x', 'string', 'two.parquet')], 'parquet')).rejects.toThrow(
      'Column x is float in file:///tables/one.parquet, and string in file:///tables/two.parquet.',
    );
  });

  test('can be overridden from integer to float only', async () => {
    const source = parquet('x', 'integer', 'one.parquet');
    expect((await inferSchema([source], 'parquet', { x: 'float' })).fields).toEqual([
      { name: 'x', type: 'float' },
    ]);
    await expect(inferSchema([source], 'parquet', { x: 'string' })).rejects.toThrow(
      /declared integer .* cannot be read as string/,
    );
  });
});

test('columns are found by name; one that is not there is refused with the nearest that is', () => {
  const schema = {
    fields: [
      { name: 'delay', type: 'integer' },
      { name: 'origin', type: 'string' },
    ],
  } as const;
  expect(fieldsNamed(schema, ['origin', 'delay'])).toEqual([schema.fields[1], schema.fields[0]]);
  expect(() => fieldsNamed(schema, ['orign'])).toThrow(/"orign"; did you mean origin\?/);
});

describe('the format of a file', () => {
  test('is told by its ending, or by what was asked for', () => {
    const names = ['a/b.parquet', 'x.CSV', 'x.tsv', 'x.ndjson', 'x.jsonl', 'x.json', 'x.arrow', 'x.feather'];
    expect(names.map((name) => formatOf(name))).toEqual([
      'parquet',
      'csv',
      'csv',
      'ndjson',
      'ndjson',
      'ndjson',
      'arrow',
      'arrow',
    ]);
    expect(formatOf('part-00000', 'parquet')).toBe('parquet');
    expect(() => formatOf('a.b/part-00000')).toThrow(/Cannot tell the format of a.b\/part-00000/);
  });

  test('stands before the .gz of a file of text, and no other is compressed as a whole', () => {
    expect(['x.csv.gz', 'x.TSV.GZ', 'x.ndjson.gzip', 'x.jsonl.gz'].map((name) => formatOf(name))).toEqual([
      'csv',
      'csv',
      'ndjson',
      'ndjson',
    ]);
    expect(formatOf('part-00000.gz', 'csv')).toBe('csv');
    expect(() => formatOf('x.parquet.gz')).toThrow(/x.parquet.gz is parquet compressed as a whole/);
    expect(() => formatOf('x.csv.zst', 'csv')).toThrow(
      /x.csv.zst is compressed as a whole \(.zst\).*Give it uncompressed, as Parquet, or as .csv.gz/,
    );
  });

  test('is not asked of a file of zero bytes', () => {
    expect(formatOfAll([byteSource('', '_SUCCESS'), byteSource('a\n1\n', 'b.csv')])).toBe('csv');
  });

  test('is one for all files of a table', () => {
    expect(formatOfAll([byteSource('x', 'a.csv'), byteSource('x', 'b.tsv')])).toBe('csv');
    expect(() => formatOfAll([byteSource('x', 'a.csv'), byteSource('x', 'b.json')])).toThrow(
      'a.csv is csv and b.json is ndjson',
    );
  });
});
