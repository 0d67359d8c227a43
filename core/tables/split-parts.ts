import type { Side } from '../contracts/names.ts';

/** One of what a table is split into: a side or, of a training side that is cut into folds, a fold of it. */
export interface SplitPart {
  readonly side: Side;
  /** Undefined: none, or the rows that come before all folds of a split by time. */
  readonly fold?: number;
  /** Above 0. */
  readonly share: number;
}

interface Asked {
  readonly by: 'hash' | 'stratified' | 'time';
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly folds?: number | undefined;
}

/** In the order in which rows are dealt out; of a split by time that of the rows. */
export function partsOf({ by, train, validation, test, folds }: Asked): readonly SplitPart[] {
  const parts: SplitPart[] = [];
  if (folds === undefined) parts.push({ side: 'train', share: train });
  else {
    // The first fold of a split by time learns from something too.
    const share = train / (by === 'time' ? folds + 1 : folds);
    if (by === 'time') parts.push({ side: 'train', share });
    for (let fold = 0; fold < folds; fold++) parts.push({ side: 'train', fold, share });
  }
  parts.push({ side: 'validation', share: validation }, { side: 'test', share: test });
  return parts.filter(({ share }) => share > 0);
}

/** Where each part but the last ends, as a share of the whole. */
export function endsOf(parts: readonly SplitPart[]): readonly number[] {
  let sum = 0;
  const ends = parts.slice(0, -1).map(({ share }) => {
    sum += share;
    return sum;
  });
  return [...ends.slice(0, -1), 1 - parts.at(-1)!.share];
}

/**
 * How many of so many rows come before the end of each part but the last: the nearest whole number, and at least one a
 * part where there are enough.
 */
export function ranksOf(rows: number, parts: readonly SplitPart[]): readonly number[] {
  const least = rows >= parts.length ? 1 : 0;
  let before = 0;
  return endsOf(parts).map((end, at) => {
    const most = rows - least * (parts.length - 1 - at);
    before = Math.min(most, Math.max(before + least, Math.round(rows * end)));
    return before;
  });
}

/** Each value's part: the number of cuts (ascending) that are at or below it. `cutsOf`: by row. */
export function placesAmong(values: Float64Array, cutsOf: (row: number) => readonly number[]): Uint8Array {
  const places = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const cuts = cutsOf(row);
    let place = 0;
    while (place < cuts.length && values[row]! >= cuts[place]!) place++;
    places[row] = place;
  }
  return places;
}

/** `train, validation and test`, `5 folds and test` */
export function partsText(parts: readonly SplitPart[]): string {
  const folds = parts.filter(({ fold }) => fold !== undefined).length;
  const plain = parts.flatMap(({ side, fold }) => (fold === undefined ? [side] : []));
  const names = folds > 0 ? [`${folds} folds`, ...plain.filter((side) => side !== 'train')] : plain;
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
