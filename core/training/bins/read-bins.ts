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

/** Where a side's rows go. */
export interface SideRows {
  /** The bins, column by column, `pitch` bytes apart. */
  readonly columns: Uint8Array;
  readonly pitch: number;
  readonly labels: Float32Array | Float64Array;
  /** Undefined where the bins have none. */
  readonly weights: Float32Array | Float64Array | undefined;
}

/** Reads a side's bins, labels and weights. `BadTable` where an object is not what `prepareBins` wrote. */
export async function readSide(
  cache: Cache,
  side: BinnedSide,
  { plan, binBytes }: Pick<BinsManifest, 'plan' | 'binBytes'>,
  { columns, pitch, labels, weights }: SideRows,
): Promise<void> {
  const rowBytes = plan.features.length * binBytes;
  let row = 0;
  for (const { name, rows } of side.chunks) {
    const bytes = await cache.read(name);
    const numbers = [labels, ...(weights ? [weights] : [])];
    if (bytes?.length !== rows * (rowBytes + 8 * numbers.length)) {
      const given = bytes ? `${bytes.length} bytes` : 'missing';
      throw new FanfareError('BadTable', `bins: ${name} is ${given}, ${rows} rows are expected`);
    }
    for (let at = 0; at < plan.features.length; at++) {
      const column = bytes.subarray(at * rows * binBytes, (at + 1) * rows * binBytes);
      columns.set(column, at * pitch + row * binBytes);
    }
    for (const [at, values] of numbers.entries()) {
      const start = rows * (rowBytes + 8 * at);
      values.set(new Float64Array(bytes.slice(start, start + 8 * rows).buffer), row);
    }
    row += rows;
  }
}
