import type { ColumnChunk, PageHeader, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { describe, expect, test } from 'vitest';
import { nodeDecompressors } from '../../../adapters/node/decompressors.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { byteSource } from '../../support/byte-source.ts';
import { fixture } from '../../support/fixture-tables.ts';
import { readIn } from '../../support/tables.ts';

const read = async (bytes: Uint8Array) => {
  const source = byteSource(bytes, 'bad.parquet');
  const schema = await inferSchema([source], 'parquet');
  return readIn(source, 'parquet', schema, 1, { decompressors: nodeDecompressors });
};
const place = 'Column n of file:///tables/bad.parquet cannot be read \\(row group 0, byte 4\\): ';

interface BadFile {
  readonly element?: Partial<SchemaElement>;
  readonly chunk?: Partial<ColumnChunk>;
  readonly meta?: Partial<ColumnChunk['meta_data']>;
  readonly pages: readonly (readonly [header: Partial<PageHeader>, bytes: readonly number[]])[];
  readonly rows?: bigint;
}

const plain = { num_values: 2, encoding: 'PLAIN' } as const;
const levels = { definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' } as const;
const data = { type: 'DATA_PAGE', data_page_header: { ...plain, ...levels } } as const;
const two = [1, 0, 0, 0, 2, 0, 0, 0];

/** A file of one required column of 32-bit integers with two rows, but for what is given. */
function fileOf({ element, chunk, meta, pages, rows = 2n }: BadFile): Uint8Array {
  const file = new ByteWriter();
  file.appendBytes(new TextEncoder().encode('PAR1'));
  for (const [header, bytes] of pages) {
    const sizes = { uncompressed_page_size: bytes.length, compressed_page_size: bytes.length };
    writePageHeader(file, { ...data, ...sizes, ...header });
    file.appendBytes(Uint8Array.from(bytes));
  }
  const size = BigInt(file.offset - 4);
  const start = file.offset;
  const column: SchemaElement = { name: 'n', type: 'INT32', repetition_type: 'REQUIRED', ...element };
  const sizes = { total_uncompressed_size: size, total_compressed_size: size, num_values: rows };
  const written = { encodings: ['PLAIN' as const], path_in_schema: ['n'], codec: 'UNCOMPRESSED' as const };
  const own = { type: column.type!, ...written, ...sizes, data_page_offset: 4n, ...meta };
  const columns = [{ file_offset: 4n, ...chunk, meta_data: own }];
  writeMetadata(file, {
    ...{
      version: 2,
      schema: [{ name: 'root', num_children: 1 }, column],
      num_rows: rows,
      metadata_length: 0,
    },
    row_groups: [{ columns, total_byte_size: size, num_rows: rows }],
  });
  file.appendUint32(file.offset - start);
  file.appendBytes(new TextEncoder().encode('PAR1'));
  return file.getBytes().slice();
}

test('a file that is as it should be is read', async () => {
  expect((await read(fileOf({ pages: [[{}, two]] }))).rows).toEqual([[1], [2]]);
});

test('a file without rows gives none', async () => {
  expect((await read(fileOf({ pages: [], rows: 0n }))).rows).toEqual([]);
});

describe('a Parquet file is refused by the place where', () => {
  const cases: Readonly<Record<string, readonly [BadFile, string]>> = {
    'a page has fewer values than it promises': [
      { pages: [[{}, two.slice(0, 7)]] },
      `${place}it has fewer values than it promises`,
    ],
    'its pages have fewer rows than the row group': [
      { pages: [[{}, two]], rows: 3n },
      'byte \\d+\\): it has fewer rows than its row group promises',
    ],
    'a page has more rows than the row group': [
      { pages: [[{ data_page_header: { ...plain, ...levels, num_values: 2 ** 31 - 1 } }, two]] },
      `${place}a page of 2147483647 rows where its row group has 2 left`,
    ],
    'a page says that it is longer than its chunk': [
      { pages: [[{ compressed_page_size: 1000 }, two]] },
      `${place}a page of 1000 bytes where its chunk has 8 left`,
    ],
    'a page comes to more than its chunk declares': [
      { pages: [[{ uncompressed_page_size: 2 ** 30 }, two]], meta: { codec: 'ZSTD' } },
      `${place}a page that comes to 1073741824 bytes, where all of its chunk come to \\d+`,
    ],
    'a page is compressed by what nothing here knows': [
      { pages: [[{}, two]], meta: { codec: 'LZO' } },
      `${place}nothing here decompresses LZO`,
    ],
    'a page does not decompress': [
      { pages: [[{}, two]], meta: { codec: 'GZIP' } },
      `${place}incorrect header check`,
    ],
    "Snappy's own length is another": [
      { pages: [[{}, two]], meta: { codec: 'SNAPPY' } },
      `${place}a page has 1 bytes where 8 were promised`,
    ],
    'a code is in no dictionary': [
      {
        pages: [
          [{ type: 'DICTIONARY_PAGE', dictionary_page_header: plain, data_page_header: undefined! }, two],
          // Width 2; a run of two values, each 3.
          [{ data_page_header: { ...plain, ...levels, encoding: 'RLE_DICTIONARY' } }, [2, 4, 3]],
        ],
      },
      'byte \\d+\\): value 3 of a dictionary of 2',
    ],
    'codes have no dictionary': [
      { pages: [[{ data_page_header: { ...plain, ...levels, encoding: 'RLE_DICTIONARY' } }, [2, 4, 3]]] },
      `${place}codes without a dictionary`,
    ],
    'a run has no values': [
      {
        element: { repetition_type: 'OPTIONAL' },
        pages: [[{}, [2, 0, 0, 0, 0, 1, ...two]]],
      },
      `${place}a run of no values`,
    ],
    'a dictionary promises more values than its bytes can hold': [
      {
        pages: [
          [
            {
              type: 'DICTIONARY_PAGE',
              dictionary_page_header: { ...plain, num_values: 2 ** 30 },
              data_page_header: undefined!,
            },
            two,
          ],
          [{ data_page_header: { ...plain, ...levels, encoding: 'RLE_DICTIONARY' } }, [2, 4, 1]],
        ],
      },
      'byte \\d+\\): a dictionary of 1073741824 values in 8 bytes',
    ],
    'differences are more than there can be': [
      {
        // A block of 128 values in 4 parts; 2^31 - 1 values.
        pages: [
          [
            { data_page_header: { ...plain, ...levels, encoding: 'DELTA_BINARY_PACKED' } },
            [128, 1, 4, 255, 255, 255, 255, 7, 0, 0],
          ],
        ],
      },
      `${place}2147483647 differences in blocks of 128 in 4 parts`,
    ],
    'a column lies in another file': [
      { pages: [[{}, two]], chunk: { file_path: 'part-1' } },
      'Column n of \\S+ cannot be read \\(row group 0\\): it lies in another file, part-1',
    ],
    'pages lie beyond the end': [
      { pages: [[{}, two]], meta: { total_compressed_size: 10_000n } },
      'its pages lie at bytes 4 to 10004, and the file has \\d+. Is it cut off',
    ],
    'the chunk has another number of values': [
      { pages: [[{}, two]], meta: { num_values: 5n } },
      'it has 5 values where its row group has 2 rows',
    ],
  };
  for (const [name, [file, message]] of Object.entries(cases)) {
    test(name, async () => {
      await expect(read(fileOf(file))).rejects.toMatchObject({
        name: 'BadTable',
        message: expect.stringMatching(new RegExp(message)),
      });
    });
  }

  test('it is cut off, or its footer gives a length that it does not have', async () => {
    const file = await fixture('snappy-v1.parquet');
    const bytes = await file.read(0, file.size);
    await expect(read(bytes.subarray(0, 5000))).rejects.toThrow(
      /is not a Parquet file, or is cut off: at its end, byte 4996, stands .* in place of "PAR1"/,
    );
    new DataView(bytes.buffer).setUint32(bytes.length - 8, 2 ** 31, true);
    await expect(read(bytes)).rejects.toThrow(/at byte \d+ it gives its footer 2147483648 bytes, more than/);
    new DataView(bytes.buffer).setUint32(bytes.length - 8, 11, true);
    await expect(read(bytes)).rejects.toThrow(/is not a Parquet file, or is cut off/);
  });
});
