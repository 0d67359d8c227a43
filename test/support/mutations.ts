import fc from 'fast-check';

type Change =
  | { readonly kind: 'flip'; readonly at: number; readonly byte: number }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array };

const at = fc.double({ min: 0, max: 1, noNaN: true });
const byte = fc.integer({ min: 0, max: 255 });

/** A few bytes of a file flipped, cut out or put in, anywhere: places are shares of its length. */
export const mutations = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at, byte }),
    fc.record({ kind: fc.constant('cut' as const), at, length: fc.integer({ min: 1, max: 2000 }) }),
    fc.record({
      kind: fc.constant('insert' as const),
      at,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    }),
  ),
  { minLength: 1, maxLength: 4 },
);

export const mutated = (file: Uint8Array, changes: readonly Change[]): Uint8Array =>
  changes.reduce((bytes, change) => {
    if (bytes.length === 0) return bytes;
    const place = Math.floor(change.at * bytes.length);
    if (change.kind === 'flip') return bytes.with(Math.min(place, bytes.length - 1), change.byte);
    const rest = change.kind === 'cut' ? place + change.length : place;
    const put = change.kind === 'insert' ? [...change.bytes] : [];
    return Uint8Array.from([...bytes.subarray(0, place), ...put, ...bytes.subarray(rest)]);
  }, file);
