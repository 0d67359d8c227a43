import type { BinPlan } from '../bins/bin-plan.ts';
import type { Importance } from '../trainable.ts';
import type { Tree } from './tree.ts';

/** Of each column, the most gain first; equal ones in the order of the inputs. */
export function importanceOf({ inputs, features }: BinPlan, trees: readonly Tree[]): readonly Importance[] {
  const sums = new Map(inputs.map(({ name }) => [name, { feature: name, gain: 0, split: 0 }]));
  for (const { nodes, feature, gains } of trees) {
    for (let node = 0; node < nodes; node++) {
      const sum = sums.get(features[feature[node]!]!.feature.column)!;
      sum.gain += gains[node]!;
      sum.split++;
    }
  }
  return [...sums.values()].sort((a, b) => b.gain - a.gain);
}
