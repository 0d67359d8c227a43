import zlib from 'node:zlib';
import type { Decompress, Decompressors } from '../../core/tables/shard.ts';

/**
 * zlib's decompressors by Parquet's names for them. Zstandard is there from Node 22.15 on; before, its own decoder as
 * WebAssembly does it. None gives more bytes than it is told to.
 */
export const nodeDecompressors: Decompressors = {
  GZIP: async () => (input, length) => zlib.gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: async () => (input, length) =>
    zlib.brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: async () => (hasZstd(zlib) ? zlibZstd(zlib) : await wasmZstd()),
};

type Zlib = typeof zlib;
interface ZlibWithZstd extends Zlib {
  zstdDecompressSync(input: Uint8Array, options: { readonly maxOutputLength: number }): Uint8Array;
}

const hasZstd = (module: Zlib): module is ZlibWithZstd => 'zstdDecompressSync' in module;

const zlibZstd =
  (module: ZlibWithZstd): Decompress =>
  (input, length) =>
    module.zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) });

/** Loaded once a process, and only where something is compressed so: it takes 25 ms. */
export async function wasmZstd(): Promise<Decompress> {
  const { ZSTDDecoder } = await import('zstddec');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return (input, length) => decoder.decode(input, length);
}
