import type { Side } from '../contracts/names.ts';

/** One of what a table is split into: a side or, of a training side that is cut into folds, a fold of it. */
export interface SplitPart {
  readonly side: Side;
  /** Undefined: none, or the rows that come before all folds of a split by time. */
  readonly fold?: number;
  readonly share: number;
}

interface Asked {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly folds?: number | undefined;
}

/** In the order in which rows are dealt out. */
export function partsOf({ train, validation, test, folds }: Asked): readonly SplitPart[] {
  if (folds === undefined) {
    return [
      { side: 'train', share: train },
      { side: 'validation', share: validation },
      { side: 'test', share: test },
    ];
  }
  const cut = Array.from({ length: folds }, (_, fold) => ({
    ...{ side: 'train' as const, fold, share: train / folds },
  }));
  return [...cut, { side: 'test', share: test }];
}

/** Where each part but the last ends, as a share of the whole. */
export function endsOf(parts: readonly SplitPart[]): readonly number[] {
  let sum = 0;
  const ends = parts.map(({ share }) => {
    sum += share;
    return sum;
  });
  // So that rounding does not leave a row over where there is no last part.
  return [...ends.slice(0, -2), 1 - parts.at(-1)!.share];
}

/** Each value's part: the number of cuts (ascending) that are at or below it. */
export function placesAmong(values: Float64Array, cuts: readonly number[]): Uint8Array {
  const places = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row++) {
    let place = 0;
    while (place < cuts.length && values[row]! >= cuts[place]!) place++;
    places[row] = place;
  }
  return places;
}
