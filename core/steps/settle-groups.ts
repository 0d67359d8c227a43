import type { Cuts } from '../contracts/job.ts';
import type { Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import { numbersOf } from '../tables/slice.ts';
import { endsOf, partsOf, partsText, ranksOf } from '../tables/split-parts.ts';
import type { Surveys } from './settle-classes.ts';

/** Of more groups, chance gives each part as many as it should have, within a few thousandths. */
const mostCounted = 2 ** 20;

/** As many groups to each fold, by what is drawn for them; a row without a group is one of its own. */
export async function settleGroups(spec: Spec, read: Surveys): Promise<Cuts> {
  const parts = partsOf(spec.split);
  const draws = new Set<number>();
  for await (const { columns } of read()) {
    for (const draw of numbersOf(columns[0]!)) draws.add(draw);
    if (draws.size > mostCounted) return { by: 'groups', cuts: [...endsOf(parts)] };
  }
  if (draws.size < parts.length) {
    throw new FanfareError(
      'BadTable',
      `${spec.table.path}: each of ${partsText(parts)} needs a ${spec.columns.group} of its own (columns.group), which is ${parts.length}, but there are ${draws.size}; take fewer folds`,
    );
  }
  const sorted = Float64Array.from(draws).sort();
  return { by: 'groups', cuts: ranksOf(sorted.length, parts).map((rank) => sorted[rank]!) };
}
