import { orderOf } from '../pareto.ts';
import type { Scored } from './scheduler.ts';

/**
 * By the loss; of several objectives by front, then those with the most room around them. The lower number of two alike is
 * first, so that a study which is replayed promotes the same trials.
 */
export function bestFirst(finished: readonly Scored[]): Scored[] {
  const byNumber = finished.toSorted((a, b) => a.trial - b.trial);
  return orderOf(byNumber.map(({ losses }) => losses)).map((place) => byNumber[place]!);
}
