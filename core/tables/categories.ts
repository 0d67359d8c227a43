import type { Column } from './batch.ts';

/**
 * How often each word occurs, exactly, while there are at most 4096 different ones. From then on only the words with the
 * smallest hashes are kept, each still counted exactly: enough to say how many there are, and the same whatever the
 * order. A column like that is of names or ids rather than of categories.
 */
export interface Categories {
  /** Words are kept whose hash begins with so many zero bits; 0 where all are. */
  readonly zeros: number;
  /** By count, the most frequent first; equal counts in the order of their code units. */
  readonly counts: readonly (readonly [word: string, count: number])[];
  /** How many rows hold a word that was not kept. */
  readonly others: number;
}

const maxCategories = 4096;

export const noCategories: Categories = { zeros: 0, counts: [], others: 0 };

export function categoriesOf(column: Extract<Column, { type: 'string' | 'boolean' }>): Categories {
  const counts = new Map<string, number>();
  if (column.type === 'boolean') {
    const places = Int32Array.from(column.values);
    countInto(counts, places, ['false', 'true'], column.valid);
  } else countInto(counts, column.codes, column.dictionary, column.valid);
  return limited(counts, 0, 0);
}

function countInto(
  counts: Map<string, number>,
  codes: Int32Array,
  dictionary: readonly string[],
  valid: Uint8Array | null,
): void {
  const byCode = new Float64Array(dictionary.length);
  for (let row = 0; row < codes.length; row++) if (valid === null || valid[row] === 1) byCode[codes[row]!]!++;
  for (let code = 0; code < byCode.length; code++) {
    if (byCode[code]! > 0)
      counts.set(dictionary[code]!, (counts.get(dictionary[code]!) ?? 0) + byCode[code]!);
  }
}

export function mergeCategories(a: Categories, b: Categories): Categories {
  const zeros = Math.max(a.zeros, b.zeros);
  const counts = new Map<string, number>();
  let others = a.others + b.others;
  for (const [word, count] of [...a.counts, ...b.counts]) {
    if (zerosOf(word) >= zeros) counts.set(word, (counts.get(word) ?? 0) + count);
    else others += count;
  }
  return limited(counts, zeros, others);
}

/** How many different words there are: exact up to 4096, within about 5 % beyond. */
export const distinctOf = (categories: Categories): number =>
  categories.counts.length * 2 ** categories.zeros;

function limited(counts: Map<string, number>, zeros: number, others: number): Categories {
  let kept = counts;
  let least = zeros;
  let left = others;
  while (kept.size > maxCategories) {
    least++;
    const fewer = new Map<string, number>();
    for (const [word, count] of kept) {
      if (zerosOf(word) >= least) fewer.set(word, count);
      else left += count;
    }
    kept = fewer;
  }
  const sorted = [...kept].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return { zeros: least, counts: sorted, others: left };
}

/** How many zero bits the word's hash (FNV-1a over code units, then MurmurHash3's finalizer) begins with. */
function zerosOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return Math.clz32(hash ^ (hash >>> 16));
}
