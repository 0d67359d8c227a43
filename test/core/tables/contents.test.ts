import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gunzip } from '../../../adapters/node/gunzip.ts';
import { requireContents } from '../../../core/tables/contents.ts';
import { formatOf } from '../../../core/tables/format.ts';
import { byteSource } from '../../support/byte-source.ts';

const look = (name: string, content: Uint8Array | string) =>
  requireContents([byteSource(content, name)], formatOf(name), gunzip);
const fixture = async (name: string) => new Uint8Array(await readFile(`test/fixtures/tables/${name}`));
const utf16 = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'));

describe('a file whose contents are not what its name says', () => {
  test.each([
    [
      'csv',
      'polars.parquet',
      /x\.csv is not a CSV file: it begins as a Parquet file does\. Call it \.parquet\.$/,
    ],
    ['ndjson', 'zstd.feather', /x\.ndjson is not an NDJSON file: it begins as an Arrow IPC file does/],
    ['parquet', 'pyarrow.arrow', /x\.parquet is not a Parquet file: it begins as an Arrow IPC file does/],
    ['arrow', 'delta.parquet', /x\.arrow is not an Arrow IPC file: it begins as a Parquet file does/],
  ])('is refused: .%s that is %s', async (ending, file, message) => {
    await expect(look(`x.${ending}`, await fixture(file))).rejects.toThrow(message);
  });

  test('is refused where it is compressed and its name says otherwise, and the other way round', async () => {
    const gz = new Uint8Array(gzipSync('a,b\n1,2\n'));
    for (const name of ['x.csv', 'x.ndjson', 'x.parquet', 'x.arrow'])
      await expect(look(name, gz)).rejects.toThrow(/begins as a gzip file does\. Put \.gz behind its name/);
    await expect(look('x.csv.gz', 'a,b\n1,2\n')).rejects.toThrow(
      'x.csv.gz is not a gzip file, as its name says.',
    );
    await expect(look('x.csv.gz', await fixture('int96.parquet'))).rejects.toThrow(
      'x.csv.gz is not a gzip file, as its name says, but a Parquet file.',
    );
    const parquet = new Uint8Array(gzipSync(await fixture('int96.parquet')));
    await expect(look('x.csv.gz', parquet)).rejects.toThrow(
      /the text within .*x\.csv\.gz is not a CSV file: it begins as a Parquet file does/,
    );
  });

  test('is refused where it is UTF-16, with or without a byte order mark', async () => {
    for (const text of ['\uFEFFid,name\n1,a\n', 'id,name\n1,a\n']) {
      await expect(look('x.csv', utf16(text))).rejects.toThrow(/x\.csv is UTF-16: convert it to UTF-8 /);
      await expect(look('x.ndjson.gz', new Uint8Array(gzipSync(utf16(text))))).rejects.toThrow(/is UTF-16/);
    }
  });

  test('is refused where it is a JSON document in place of lines', async () => {
    for (const array of ['[{"a":1},\n{"a":2}]', ' \n[\n  {"a": 1}\n]\n', '\uFEFF[ {"a":1}]'])
      await expect(look('x.json', array)).rejects.toThrow(
        /x\.json is not an NDJSON file but one JSON array: give an object a line \(jq /,
      );
    await expect(look('x.json', '{\n  "a": 1\n}\n')).rejects.toThrow(
      /its first object stands on several lines/,
    );
  });

  test('is taken for what it says where it only looks like another', async () => {
    await look('x.csv', 'ORCID,PAR1,BZh\n1,2,3\n');
    await look('x.csv', 'PAR1,x\n1,2\n');
    await look('x.csv', 'naïve,東京\n1,2\n');
    await look('x.ndjson', '[1]\n{"a":1}\n');
    await look('x.ndjson', '\n\n{"a":1}\n');
    await look('x.csv', '');
    await look('x.csv.gz', new Uint8Array(gzipSync('')));
    for (const file of ['stream.arrow', 'polars.arrow', 'empty.parquet', 'lz4.feather'])
      await look(file, await fixture(file));
  });
});
