import type { ByteSource } from '../../core/store.ts';

const encoder = new TextEncoder();

/** A file in memory. Its etag tells its length only, unless one is given. */
export function byteSource(content: Uint8Array | string, name = 'table.csv', etag?: string): ByteSource {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  return {
    uri: `file:///tables/${name}`,
    name,
    size: bytes.length,
    etag: etag ?? `"${bytes.length}"`,
    read: async (start, end) => bytes.slice(start, end),
  };
}
