import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Gunzip } from '../../core/tables/gzip.ts';

/** So much comes out at once: with zlib's 16 KiB it takes twice the processor's time. */
const chunkSize = 2 ** 20;

/** zlib's, on a thread of its own while the text is parsed. Web streams take three times as long, and do not say how far they came. */
export const gunzip: Gunzip = (compressed) => {
  const text = createGunzip({ chunkSize });
  pipeline(Readable.from(compressed, { highWaterMark: 1 }), text, () => {}); // A failure is `text`'s own.
  return {
    [Symbol.asyncIterator]: () => text[Symbol.asyncIterator](),
    get taken() {
      return text.bytesWritten;
    },
  };
};
