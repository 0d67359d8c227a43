import { stream } from '../chance.ts';
import type { TrialNumber } from '../contracts/names.ts';
import { sharesOf } from './pareto.ts';
import type { Observed } from './tpe.ts';

/** So much of the sum tells apart those whose worst objective is the same. */
const ofSum = 0.05;

/**
 * The same trials with one loss each: the worst of their objectives, weighed as it befalls the trial that is asked for, so that
 * each looks for another part of the front (Knowles, "ParEGO", IEEE TEC 2006: the augmented Tchebycheff function of objectives
 * that are measured in what they have spanned so far; weights even on the simplex).
 */
export function scalarised(
  seed: number,
  trial: TrialNumber,
  observed: readonly Observed[],
): readonly Observed[] {
  const valued = observed.flatMap((each) => (each.state.kind === 'value' ? [each.state.losses] : []));
  const count = valued[0]?.length ?? 1;
  if (count === 1) return observed;
  const next = stream(`${seed}/${trial}/weights`);
  const drawn = Array.from({ length: count }, () => -Math.log(1 - next()));
  const sum = drawn.reduce((a, b) => a + b);
  const shares = sharesOf(valued)[Symbol.iterator]();
  return observed.map((each) => {
    if (each.state.kind !== 'value') return each;
    const weighed = shares.next().value!.map((share, k) => (share * drawn[k]!) / sum);
    const loss = Math.max(...weighed) + ofSum * weighed.reduce((a, b) => a + b);
    return { ...each, state: { ...each.state, losses: [loss] } };
  });
}
