import type { FieldType } from './batch.ts';

/** As `kernels/csv.ts` has them. */
export const columnBytes = 32;
const openWordBytes = 16;
const runBytes = 36;
const knownWordBytes = 24;
/** How much the kernel may read, and writes over, behind the text. */
const padding = 64;

export type ReadAs = FieldType | undefined;

export const kinds: Readonly<Record<FieldType, number>> = {
  float: 1,
  integer: 2,
  boolean: 3,
  timestamp: 4,
  string: 5,
};

export const arrayOf = {
  float: Float64Array,
  integer: BigInt64Array,
  boolean: Uint8Array,
  timestamp: Float64Array,
  string: Int32Array,
} as const;

/** How a file is read. */
export interface Reading {
  readonly types: readonly ReadAs[];
  /** The most rows of a batch. */
  readonly capacity: number;
  /** Whether a column's values, unless they are strings, are written straight to arrays that batches have in turn. */
  readonly isLent: (column: number) => boolean;
  /** The most bytes of a window's text, and of what is left of the text before it. */
  readonly chunkBytes: number;
  readonly restBytes: number;
}

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
  /** Where the two chunks begin that are read in turn; `restBytes` before each are for what is left of the other. */
  readonly chunks: readonly [number, number];
  /** Room for a batch as the rows of a model's input, of the floats that are lent. */
  readonly matrix: number;
  readonly matrixBytes: number;
  readonly end: number;
}

interface ColumnPlace {
  readonly values: number;
  /** Of a column that is lent: the two arrays. */
  readonly lent: readonly [number, number] | undefined;
  readonly valid: number;
  readonly known: number;
  readonly knownBytes: number;
  /** How far a hash of 64 bits is shifted to be the number of a bucket. */
  readonly shift: number;
}

/** What the kernel needs for columns of these types (none: not read), from the byte `start` on. */
export function layoutOf(
  { types, capacity, isLent, chunkBytes, restBytes }: Reading,
  start: number,
  fivesBytes: number,
): Layout {
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
  const places = types.map((type, column): ColumnPlace => {
    const values = take(type === undefined ? 0 : rows * valueBytes[type]);
    const valid = take(type === undefined ? 0 : rows);
    const knownBytes = type === 'string' ? buckets * wordsABucket * knownWordBytes : 0;
    const isDirect = type !== undefined && type !== 'string' && isLent(column);
    const bytes = isDirect ? capacity * valueBytes[type] : 0;
    const lent = bytes > 0 ? ([take(bytes), take(bytes)] as const) : undefined;
    const known = take(knownBytes);
    return { values, valid, lent, known, knownBytes, shift: 64 - Math.log2(buckets) };
  });
  const chunk = (): number => take(restBytes + chunkBytes + padding) + restBytes;
  const chunks = [chunk(), chunk()] as const;
  const floats = types.filter((type, column) => type === 'float' && isLent(column)).length;
  const matrixBytes = 4 * floats * (capacity + 4);
  const matrix = take(matrixBytes);
  return { rows, run, columns, fives, rowIds, open, places, chunks, matrix, matrixBytes, end: top };
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
