import { FanfareError } from '../../errors.ts';
import { decodeJson } from '../../store.ts';
import type { Cache } from '../trainable.ts';
import { type BinnedSide, type BinsManifest, binsFormat, manifestName } from './bins-manifest.ts';

/** `MissingInput` where `prepareBins` has not finished, `BadTable` where the manifest is another version's. */
export async function readManifest(cache: Cache): Promise<BinsManifest> {
  const bytes = await cache.read(manifestName);
  if (!bytes)
    throw new FanfareError('MissingInput', `bins: ${manifestName} is missing: they were not prepared`);
  const manifest = decodeJson(bytes) as BinsManifest;
  if (manifest.format === binsFormat) return manifest;
  throw new FanfareError('BadTable', `bins: the format is ${manifest.format}, ${binsFormat} is expected`);
}

/** Writes a side's bins to their columns, `pitch` bytes apart. `BadTable` where an object is not what `prepareBins` wrote. */
export async function readSide(
  cache: Cache,
  side: BinnedSide,
  features: number,
  columns: Uint8Array,
  pitch: number,
  labels: Uint8Array,
): Promise<void> {
  let row = 0;
  for (const { name, rows } of side.chunks) {
    const bytes = await cache.read(name);
    if (bytes?.length !== rows * (features + 1)) {
      const given = bytes ? `${bytes.length} bytes` : 'missing';
      throw new FanfareError('BadTable', `bins: ${name} is ${given}, ${rows} rows are expected`);
    }
    for (let at = 0; at < features; at++) {
      columns.set(bytes.subarray(at * rows, (at + 1) * rows), at * pitch + row);
    }
    labels.set(bytes.subarray(features * rows), row);
    row += rows;
  }
}
