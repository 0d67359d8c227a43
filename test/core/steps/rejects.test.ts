import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { echoFields, echoRows, echoTable, echoWorld } from '../../support/echo-world.ts';
import type { Value } from '../../support/tables.ts';

const count = 300;
const world = await echoWorld();
const encoder = new TextEncoder();

/** The records of a CSV text or the lines of NDJSON, without the header. */
function recordsOf(format: 'csv' | 'ndjson', rows: readonly (readonly Value[])[]): string[] {
  const text = (some: readonly (readonly Value[])[]) =>
    new TextDecoder().decode(encodeTable(format, [echoTable(some)]));
  const header = format === 'csv' ? text([]) : '';
  return rows.map((row) => text([row]).slice(header.length, -1));
}

/** A file with other records at those rows, and the byte at which each of its rows begins. */
function planted(format: 'csv' | 'ndjson', bad: Readonly<Record<number, string>>, lineBreak = '\n') {
  const records = recordsOf(format, echoRows(count)).map((record, row) => bad[row] ?? record);
  const head = format === 'csv' ? `${echoFields.map(({ name }) => name).join(',')}${lineBreak}` : '';
  let at = encoder.encode(head).length;
  const offsets = records.map((record) => {
    const offset = at;
    at += encoder.encode(record + lineBreak).length;
    return offset;
  });
  const source = byteSource(head + records.map((record) => record + lineBreak).join(''), `new.${format}`);
  return { source, offsets };
}

const badCsv: Record<number, string> = {
  0: '0,far,0,0,true,2024-01-01,s',
  41: '41,1,2,3,true,2024-01-01',
  42: '42,1,2,3,true,2024-01-01,s,more',
  100: '100,1,2,3,t"ru"e,2024-01-01,"s"',
  150: '150,1,2,16777217,true,2024-01-01,"two\nlines"',
  151: '151,1,,3,true,2024-01-01,"said ""no"""',
  200: '200,1,9223372036854775808,3,true,2024-01-01,s',
  250: '250,1,2,3,,2024-01-01,ü',
  299: '299,1,2,3,true,2024-02-30,s',
};

const columnsOfCsv = { 0: 'x', 41: '', 42: '', 100: '', 150: 'k', 151: 'n', 200: 'n', 250: 'b', 299: 't' };

describe('bad rows of a CSV file', () => {
  test.each([
    [1, '\n'],
    [7, '\n'],
    [40, '\r\n'],
  ])('are told by number, byte, column and raw text, in %i shards', async (shards, lineBreak) => {
    const { source, offsets } = planted('csv', badCsv, lineBreak);
    const manifest = await world.predict(source, {}, { shards });
    expect(manifest).toMatchObject({ rows: count, predicted: count - 9, rejected: 9 });
    const rejects = await world.rejects(manifest);
    expect(rejects.map(({ file, row, offset, column }) => [file, row, offset, column])).toEqual(
      Object.entries(columnsOfCsv).map(([row, column]) => [source.uri, +row, offsets[+row], column]),
    );
    // A row that RFC 4180 has no meaning for ends before its line feed.
    expect(rejects.map(({ raw }) => raw.trimEnd())).toEqual(Object.values(badCsv));
    const ids = (await world.rows(manifest)).map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: count }, (_, row) => row).filter((row) => !(row in badCsv)));
  });

  test('are told likewise where the file is compressed, by the bytes of the text within', async () => {
    const { source, offsets } = planted('csv', badCsv);
    const bytes = gzipSync(await source.read(0, source.size));
    const rejects = await world.rejects(await world.predict(byteSource(bytes, 'new.csv.gz')));
    expect(rejects.map(({ row, offset, column, raw }) => [row, offset, column, raw])).toEqual(
      Object.entries(columnsOfCsv).map(([row, column]) => [+row, offsets[+row], column, badCsv[+row]]),
    );
  });

  test('have numbers of their own in each file', async () => {
    const first = planted('csv', { 299: 'bad' }).source;
    const second = {
      ...planted('csv', { 0: 'bad', 7: 'bad' }).source,
      name: 'other.csv',
      uri: 'file:///other.csv',
    };
    const rejects = await world.rejects(await world.predict([first, second], {}, { shards: 9 }));
    expect(rejects.map(({ file, row }) => [file, row])).toEqual([
      [first.uri, 299],
      [second.uri, 0],
      [second.uri, 7],
    ]);
  });

  test('keep their bytes where they are no UTF-8', async () => {
    const bytes = Uint8Array.of(...encoder.encode('x,n,k,b,id,t,s\nfar,1,1,true,1,,'), 0xff, 0x41, 10);
    const [reject] = await world.rejects(await world.predict(byteSource(bytes, 'new.csv')));
    expect(reject).toMatchObject({ raw: 'far,1,1,true,1,,\ufffdA', raw_base64: 'ZmFyLDEsMSx0cnVlLDEsLP9B' });
  });

  test('are kept whole up to a MiB, and shown by their beginning beyond', async () => {
    const header = 'x,n,k,b,id,t,s\n';
    const row = (length: number) => `far,1,1,true,1,,${'s'.repeat(length - 16)}`;
    const text = `${header}${row(2 ** 20)}\n${row(2 ** 20 + 1)}\n`;
    const [whole, cut] = await world.rejects(await world.predict(byteSource(text, 'new.csv')));
    expect(whole).toMatchObject({ row: 0, raw: row(2 ** 20) });
    expect(cut).toMatchObject({ row: 1, raw: row(10_000), raw_bytes: 2 ** 20 + 1 });
  });
});

const badNdjson: Record<number, string> = {
  3: '{"id": 3, "x": "far", "n": 1, "k": 1, "b": true}',
  4: '{"id": 4, "x": ',
  90: '[1, 2, 3]',
  91: '{"id": 91, "x": 1, "n": null, "k": 1, "b": true, "s": "\\u00fc"}',
  180: '{"id": 180, "x": 1, "n": 1.5, "k": 1, "b": true}',
  298: '{"id": 298, "x": 1, "n": 1, "k": 99999999, "b": false, "t": "2024-01-01T10:00:00+02:00"}',
  299: '{"id": 299, "x": 1, "n": 1, "k": 1, "b": true, "t": "2024-13-01"}',
};

test.each([1, 11])('bad lines of NDJSON are told likewise, in %i shards', async (shards) => {
  const { source, offsets } = planted('ndjson', badNdjson);
  const manifest = await world.predict(source, {}, { shards });
  expect(manifest).toMatchObject({ rows: count, predicted: count - 7, rejected: 7 });
  const rejects = await world.rejects(manifest);
  expect(rejects.map(({ row, offset, raw }) => [row, offset, raw])).toEqual(
    Object.entries(badNdjson).map(([row, raw]) => [+row, offsets[+row], raw]),
  );
  expect(rejects.map(({ column }) => column)).toEqual(['x', '', '', 'n', 'n', 'k', 't']);
});

describe('bad rows of a table that has types', () => {
  const rows = echoRows(count);
  rows[5] = rows[5]!.with(3, 2n ** 24n + 1n);
  rows[120] = rows[120]!.with(2, null).with(1, Number.POSITIVE_INFINITY);
  rows[121] = rows[121]!
    .with(4, null)
    .with(6, 'ü "q"\n')
    .with(0, 2n ** 53n + 1n);
  rows[299] = rows[299]!.with(2, null).with(5, null);
  const places = [
    [5, 'k'],
    [120, 'n'],
    [121, 'b'],
    [299, 'n'],
  ];
  const raws = [
    '{"id":5,"x":1.25,"n":42949672960,"k":16777217,"b":false,"t":"1970-01-01T05:00:00.000Z","s":"say \\"ü\\",\\n5"}',
    '{"id":120,"x":1e999,"n":null,"k":120,"b":true,"t":"1970-01-06T00:00:00.000Z","s":"say \\"ü\\",\\n120"}',
    '{"id":9007199254740993,"x":30.25,"n":1039382085632,"k":121,"b":null,"t":"1970-01-06T01:00:00.000Z","s":"ü \\"q\\"\\n"}',
    '{"id":299,"x":74.75,"n":null,"k":299,"b":false,"t":null,"s":"s5"}',
  ];

  test('are told by their index, and raw as JSON that loses nothing: Arrow', async () => {
    const source = byteSource(encodeTable('arrow', [echoTable(rows)]), 'new.arrow');
    const rejects = await world.rejects(await world.predict(source));
    expect(rejects.map(({ row, column }) => [row, column])).toEqual(places);
    expect(rejects.map(({ raw }) => raw)).toEqual(raws);
    expect(rejects.every((reject) => !('offset' in reject))).toBe(true);
  });

  test.each([1, 3])('and Parquet, in %i shards', async (shards) => {
    const types = ['INT64', 'DOUBLE', 'INT64', 'INT64', 'BOOLEAN', 'TIMESTAMP', 'STRING'] as const;
    const columnData = echoFields.map(({ name }, at) => ({
      ...{ name, type: types[at]!, nullable: true },
      data: rows.map((row) => (at === 5 && row[at] !== null ? new Date(Number(row[at])) : row[at])),
    }));
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 60 }));
    const manifest = await world.predict(byteSource(bytes, 'new.parquet'), {}, { shards });
    const rejects = await world.rejects(manifest);
    expect(rejects.map(({ row, column }) => [row, column])).toEqual(places);
    expect(rejects.map(({ raw }) => raw)).toEqual(raws);
  });
});

describe('the tolerance', () => {
  const { source } = planted('csv', badCsv);

  test.each([[{ rows: 9 }], [{ share: 0.03 }], [{ share: 0.03, rows: 9 }]])(
    '%j takes nine bad rows of 300',
    async (tolerance) => {
      expect((await world.predict(source, { tolerance })).rejected).toBe(9);
    },
  );

  test.each([
    [{ rows: 8 }, 'predict.tolerance allows 1 of them, and 8 rows'],
    [{ share: 0.029 }, 'predict.tolerance allows 0.029 of them'],
    [{ share: 0.03, rows: 8 }, 'predict.tolerance allows 0.03 of them, and 8 rows'],
    [{ share: 0.029, rows: 100 }, 'predict.tolerance allows 0.029 of them, and 100 rows'],
  ])('%j does not, and why is said by the three most frequent reasons', async (tolerance, allows) => {
    const more = planted('csv', {
      ...badCsv,
      10: '10,"fa""r",0,0,true,2024-01-01,s',
      11: '11,-,0,0,true,2024-01-01,s',
    });
    const told = await world.predict(more.source, { tolerance }).catch(({ message }: Error) => message);
    expect(String(told).split('\n')).toEqual([
      `11 of 300 rows were rejected, ${allows}. Most often:`,
      '  3 × column x: … is not a number, as in row 0 of file:///tables/new.csv: "far" is not a number',
      '  1 × the row has 6 fields, the header 7, as in row 41 of file:///tables/new.csv',
      '  1 × the row has 8 fields, the header 7, as in row 42 of file:///tables/new.csv',
      expect.stringMatching(/^All of them, with their raw text: predictions\/echo-[0-9a-f]{12}\/rejects\/$/),
    ]);
  });
});
