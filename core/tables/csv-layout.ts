import type { FieldType } from './batch.ts';

/** As `kernels/csv.ts` has them. */
export const columnBytes = 32;
const openWordBytes = 16;
const runBytes = 36;
const knownWordBytes = 24;
/** How much the kernel may read, and writes over, behind the text. */
export const padding = 64;

export type ReadAs = FieldType | undefined;

/** What one run reads stays in the processor's cache until it is copied to where it belongs. */
const mostRunBytes = 512 * 2 ** 10;
const [leastRows, mostRows] = [16, 1024];
/** Of all columns' words that the kernel knows. */
const mostKnownBytes = 4 * 2 ** 20;
const [leastBuckets, mostBuckets] = [16, 2048];
const wordsABucket = 2;

/** Byte offsets in the kernel's memory. */
export interface Layout {
  /** So many rows a run has at most. */
  readonly rows: number;
  readonly run: number;
  readonly columns: number;
  readonly fives: number;
  readonly rowIds: number;
  readonly open: number;
  readonly places: readonly ColumnPlace[];
  /** Where the window's text begins. */
  readonly text: number;
}

interface ColumnPlace {
  readonly values: number;
  readonly valid: number;
  readonly known: number;
  readonly knownBytes: number;
  /** How far a hash of 64 bits is shifted to be the number of a bucket. */
  readonly shift: number;
}

/** What the kernel needs for columns of these types (none: not read), from the byte `start` on. */
export function layoutOf(types: readonly ReadAs[], start: number, fivesBytes: number): Layout {
  const strings = types.filter((type) => type === 'string').length;
  const rows = rowsOf(types, strings);
  const buckets = bucketsOf(strings);
  let top = start;
  const take = (bytes: number): number => {
    const at = Math.ceil(top / 16) * 16;
    top = at + bytes;
    return at;
  };
  const run = take(runBytes);
  const columns = take(types.length * columnBytes);
  const fives = take(fivesBytes);
  const rowIds = take(8 * rows);
  const open = take(strings * rows * openWordBytes);
  const places = types.map((type): ColumnPlace => {
    const values = take(type === undefined ? 0 : rows * valueBytes[type]);
    const valid = take(type === undefined ? 0 : rows);
    const knownBytes = type === 'string' ? buckets * wordsABucket * knownWordBytes : 0;
    return { values, valid, known: take(knownBytes), knownBytes, shift: 64 - Math.log2(buckets) };
  });
  return { rows, run, columns, fives, rowIds, open, places, text: take(0) };
}

const valueBytes: Readonly<Record<FieldType, number>> = {
  float: 8,
  integer: 8,
  boolean: 1,
  timestamp: 8,
  string: 4,
};

function rowsOf(types: readonly ReadAs[], strings: number): number {
  const bytes = types.reduce((sum, type) => sum + (type === undefined ? 0 : valueBytes[type] + 1), 8);
  const rows = Math.floor(mostRunBytes / (bytes + strings * openWordBytes));
  return Math.min(mostRows, Math.max(leastRows, rows));
}

function bucketsOf(strings: number): number {
  let buckets = mostBuckets;
  while (buckets > leastBuckets && strings * buckets * wordsABucket * knownWordBytes > mostKnownBytes)
    buckets /= 2;
  return buckets;
}
