import zlib from 'node:zlib';
import type { Ports } from '../../core/steps/ports.ts';

/** zlib's decompressors by Parquet's names for them. Zstandard is there from Node 22.15 on; the portable one serves before. */
export const nodeDecompressors: Ports['decompressors'] = {
  GZIP: (input) => zlib.gunzipSync(input),
  BROTLI: (input) => zlib.brotliDecompressSync(input),
  ...('zstdDecompressSync' in zlib && { ZSTD: zstd }),
};

function zstd(input: Uint8Array): Uint8Array {
  const { zstdDecompressSync } = zlib as typeof zlib & { zstdDecompressSync(input: Uint8Array): Uint8Array };
  return zstdDecompressSync(input);
}
