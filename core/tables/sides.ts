import type { Column } from './batch.ts';
import { textAt } from './texts.ts';

/**
 * What makes a row itself, whatever shard it was read in: where it stands (its object's name and its row id there), or
 * the value of its key column. Rows of one key go to one side; a row whose key is missing goes by where it stands.
 */
export type Identity =
  | { readonly kind: 'place'; readonly object: string; readonly rowIds: Float64Array }
  | { readonly kind: 'key'; readonly key: Column; readonly object: string; readonly rowIds: Float64Array };

/**
 * Uniform in [0, 1) for each row: 53 bits that depend on the seed and the row's identity alone, neither on other rows nor
 * on how the table is cut.
 */
export function drawsOf(identity: Identity, seed: number): Float64Array {
  const drawn = drawByPlace(identity.object, identity.rowIds, seed);
  if (identity.kind === 'key') drawByKey(drawn, identity.key, seed);
  return drawn;
}

function drawByPlace(object: string, rowIds: Float64Array, seed: number): Float64Array {
  const [first, second] = hashText(object, seed);
  const drawn = new Float64Array(rowIds.length);
  for (let row = 0; row < drawn.length; row++) {
    const id = rowIds[row]!;
    drawn[row] = unit(id | 0, Math.floor(id / 2 ** 32), first, second);
  }
  return drawn;
}

/** Draws anew for the rows that have a key, once a key. */
function drawByKey(drawn: Float64Array, key: Column, seed: number): void {
  const known = new Map<string, number>();
  for (let row = 0; row < drawn.length; row++) {
    const text = textAt(key, row);
    if (text === undefined) continue;
    let value = known.get(text);
    if (value === undefined) {
      const [first, second] = hashText(text, seed);
      value = unit(0, 0, first, second);
      known.set(text, value);
    }
    drawn[row] = value;
  }
}

/** Two rounds over both halves of the number, each half mixed into the other; 26 and 27 bits of the outcome. */
function unit(low: number, high: number, first: number, second: number): number {
  let a = mix(low ^ first);
  let b = mix((high + a) ^ second);
  a = mix(a + b);
  b = mix(b ^ a);
  return ((a >>> 6) * 2 ** 27 + (b >>> 5)) / 2 ** 53;
}

/** MurmurHash3's finalizer: every bit of the input changes each bit of the outcome with a chance of nearly one half. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 64 bits of a text and a seed, as two halves (after cyrb53, public domain, over UTF-16 code units). */
function hashText(text: string, seed: number): readonly [number, number] {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ Math.floor(seed / 2 ** 32);
  b = mix(b + mix(seed));
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495);
  }
  const first = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  const second = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return [first, second];
}
