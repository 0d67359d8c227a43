import type { ByteSource } from '../store.ts';

/** Bytes as a file of a table. */
export const memorySource = (bytes: Uint8Array, name: string): ByteSource => ({
  ...{ uri: name, name, size: bytes.length, etag: '' },
  read: async (start, end) => bytes.subarray(start, end),
});
