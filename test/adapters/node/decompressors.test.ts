import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nodeDecompressors, wasmZstd } from '../../../adapters/node/decompressors.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { expectedTable, fixture } from '../../support/fixture-tables.ts';
import { readIn } from '../../support/tables.ts';

describe("Node's decompressors", () => {
  for (const file of ['zstd-v2', 'gzip-plain', 'polars']) {
    test(`read what another library wrote (${file})`, async () => {
      const source = await fixture(`${file}.parquet`);
      const schema = await inferSchema([source], 'parquet');
      const expected = await expectedTable();
      for (const decompressors of [nodeDecompressors, { ...nodeDecompressors, ZSTD: wasmZstd }]) {
        const { rows } = await readIn(source, 'parquet', schema, 1, { decompressors });
        for (const [i, [name]] of expected.fields.entries())
          expect([name, rows.map((row) => row[i])]).toEqual([name, expected.columns[name]]);
      }
    });
  }

  const zeros = new Uint8Array(2 ** 20);
  /** By pyarrow's codec. */
  const zstd = 'KLUv/YBIAAAQAFQAABAAAAEA+/85wAICABAAAgAQAAIAEAACABAAAgAQAAIAEAADABAA';
  for (const [codec, input, load] of [
    ['GZIP', gzipSync(zeros), nodeDecompressors.GZIP],
    ['BROTLI', brotliCompressSync(zeros), nodeDecompressors.BROTLI],
    ['ZSTD', Buffer.from(zstd, 'base64'), nodeDecompressors.ZSTD],
    ['ZSTD as WebAssembly', Buffer.from(zstd, 'base64'), wasmZstd],
  ] as const) {
    test(`give no more than they are told to (${codec})`, async () => {
      const decompress = await load!();
      expect(decompress(input, zeros.length)).toHaveLength(zeros.length);
      let given: number | 'refused' = 'refused';
      try {
        given = decompress(input, 1000).length;
      } catch {
        // Refused.
      }
      expect(['refused', 0]).toContain(given);
    });
  }
});
