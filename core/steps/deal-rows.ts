import type { Cuts } from '../contracts/job.ts';
import type { Spec } from '../contracts/spec.ts';
import { columnOf } from '../tables/batch.ts';
import type { ShardBatch } from '../tables/shard.ts';
import { drawsOf } from '../tables/sides.ts';
import { numbersOf } from '../tables/slice.ts';
import { endsOf, partsOf, placesAmong } from '../tables/split-parts.ts';
import { strataOf } from '../training/strata.ts';
import { labelsOf } from '../training/target.ts';

/** Rows of one object. */
export interface OfObject extends Pick<ShardBatch, 'batch' | 'rowIds'> {
  readonly object: string;
}

/** Whether rows can be dealt out only once the whole table was looked at. Folds of groups can be few: chance may leave one empty. */
export const isSurveyed = ({ split, columns }: Spec): boolean =>
  split.by !== 'hash' || (split.folds !== undefined && columns.group !== undefined);

/** Each row's part, by its place in `partsOf`. `cuts`: what the whole table says, of a split that goes by it. */
export function dealerOf(spec: Spec, cuts: Cuts | null): (rows: OfObject) => Uint8Array {
  if (cuts === null) {
    const ends = endsOf(partsOf(spec.split));
    return (rows) => placesAmong(rowDraws(spec, rows), () => ends);
  }
  if (cuts.by === 'groups') return (rows) => placesAmong(rowDraws(spec, rows), () => cuts.cuts);
  if (cuts.by === 'time') return (rows) => placesAmong(timesOf(spec, rows), () => cuts.cuts);
  return (rows) => {
    const strata = strataOf(labelsOf(rows.batch, spec.target, cuts.task), cuts);
    return placesAmong(rowDraws(spec, rows), (row) => cuts.cuts[strata[row]!]!);
  };
}

/** A number in [0, 1) for each row, of its group, its id or its place. */
export function rowDraws({ columns, split }: Spec, { batch, rowIds, object }: OfObject): Float64Array {
  const key = columns.group ?? columns.id;
  const identity =
    key === undefined
      ? ({ kind: 'place', object, rowIds } as const)
      : ({ kind: 'key', key: columnOf(batch, key)!, object, rowIds } as const);
  return drawsOf(identity, split.seed);
}

/** NaN where it is missing. */
const timesOf = ({ columns }: Spec, { batch }: OfObject): Float64Array =>
  numbersOf(columnOf(batch, columns.time!)!);
