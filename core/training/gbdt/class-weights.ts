import type { Task } from '../../contracts/task.ts';
import type { GbdtParams } from './params.ts';

/** A factor a class, where classes do not all count alike. */
interface ClassWeights {
  /** Of the rows' own weights, so that the scores before any tree follow them. */
  readonly rows: readonly number[] | undefined;
  /** Of the loss alone. */
  readonly loss: readonly number[] | undefined;
}

/** As LightGBM has them: `balanced` makes rows of other weights, the two for two classes another loss. `counts`: rows a class. */
export function classWeights(task: Task, params: GbdtParams, counts: readonly number[]): ClassWeights {
  const none = { rows: undefined, loss: undefined };
  if (task.kind === 'regression') return none;
  if (params.class_weight === 'balanced') {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    return { ...none, rows: counts.map((count) => (count === 0 ? 0 : rows / (counts.length * count))) };
  }
  if (params.scale_pos_weight !== 1) return { ...none, loss: [1, params.scale_pos_weight] };
  if (!params.is_unbalance) return none;
  const [negatives = 1, positives = 1] = counts;
  return { ...none, loss: positives < negatives ? [1, negatives / positives] : [positives / negatives, 1] };
}

/** The rows' weights times their classes' factors; undefined where neither is given. */
export function weighed(
  labels: Float32Array,
  weights: Float32Array | undefined,
  factors: readonly number[] | undefined,
): Float32Array | undefined {
  if (!factors) return weights;
  return Float32Array.from(labels, (label, row) => factors[label]! * (weights ? weights[row]! : 1));
}
