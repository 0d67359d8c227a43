import { stream } from '../chance.ts';
import type { DriftSample } from '../contracts/drift.ts';
import type { ByteSource } from '../store.ts';
import type { Schema, Shard } from '../tables/shard.ts';

/** By chance an index of so many rows is about 0.0002, and one of so many profiled rows 0.01 (`core/drift/psi.ts`). */
const countedRows = 50_000;
const profiledRows = 1000;

/** Which share of about so many rows is looked at. */
export const sampleOf = (rows: number): DriftSample => ({
  counted: Math.min(1, countedRows / Math.max(1, rows)),
  profiled: Math.min(1, profiledRows / Math.max(1, rows)),
});

export interface Sampled {
  /** Ascending. */
  readonly counted: Int32Array;
  /** Some of them. */
  readonly profiled: Int32Array;
}

/** The places of the rows that are looked at: drawn by a hash of the row's object and id, and by nothing else. */
export function sampleRows(object: string, rowIds: Float64Array, sample: DriftSample): Sampled {
  const seed = Math.floor(stream(object)() * 2 ** 32) | 0;
  const counted = drawn(rowIds, seed, sample.counted * 2 ** 32);
  const few = sample.profiled * 2 ** 32;
  return { counted, profiled: counted.filter((row) => hash(rowIds[row]!, seed) < few) };
}

/** The rows whose hash is less. */
function drawn(rowIds: Float64Array, seed: number, most: number): Int32Array {
  const rows: number[] = [];
  const count = rowIds.length;
  const [first = 0] = rowIds;
  if (first + count <= 2 ** 31 && rowIds[count - 1] === first + count - 1) {
    // They follow each other: so they do in every format but those of lines.
    for (let row = 0; row < count; row++) if (mix((first + row) ^ seed) >>> 0 < most) rows.push(row);
  } else {
    for (let row = 0; row < count; row++) if (hash(rowIds[row]!, seed) < most) rows.push(row);
  }
  return Int32Array.from(rows);
}

const hash = (id: number, seed: number): number =>
  mix(id < 2 ** 31 ? id ^ seed : (id | 0) ^ mix(seed + Math.floor(id / 2 ** 32))) >>> 0;

/** MurmurHash3's finalizer. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const headBytes = 65_536;

/** About how many rows a table has: as its footers say, or by the lines at its beginning. */
export async function estimateRows(
  sources: readonly ByteSource[],
  { fields }: Schema,
  shards: readonly Shard[],
): Promise<number> {
  const lines = shards.some(({ kind }) => kind === 'bytes');
  const bytesARow = lines ? await lineBytes(sources) : 8 * fields.length;
  return shards.reduce(
    (sum, shard) => sum + (shard.kind === 'rows' ? shard.rows : shard.bytes / bytesARow),
    0,
  );
}

async function lineBytes(sources: readonly ByteSource[]): Promise<number> {
  const first = sources.find(({ size }) => size > 0);
  if (first === undefined) return 1;
  const head = await first.read(0, Math.min(headBytes, first.size));
  return (
    head.length /
    Math.max(
      1,
      head.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0),
    )
  );
}
