import { Importance } from '../contracts/study.ts';
import type { BinPlan } from './bins/bin-plan.ts';

/** The key of what a model file says of its inputs' importance, and the text: the most important first. */
export const importanceMetadata = (importance: readonly Importance[]): readonly [string, string] => [
  key,
  JSON.stringify(importance),
];

/** What a model file's metadata say, whichever trainable wrote them; null where they say nothing that is understood. */
export function importanceIn(metadata: ReadonlyMap<string, string>): Importance[] | null {
  try {
    return Importance.array().parse(JSON.parse(metadata.get(key) ?? ''));
  } catch {
    return null;
  }
}

/** Of each column by what its features gained and how often they split: the most gain first; equal ones in the order of the inputs. */
export function importanceOf(
  { inputs, features }: BinPlan,
  gains: ArrayLike<number>,
  splits: ArrayLike<number>,
): readonly Importance[] {
  const sums = new Map(inputs.map(({ name }) => [name, { feature: name, gain: 0, split: 0 }]));
  for (const [at, { feature }] of features.entries()) {
    const sum = sums.get(feature.column)!;
    sum.gain += gains[at]!;
    sum.split += splits[at]!;
  }
  return [...sums.values()].sort((a, b) => b.gain - a.gain);
}

const key = 'fanfare.importance';
