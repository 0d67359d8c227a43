import type { Task } from '../../contracts/task.ts';
import type { Predicted } from '../trainable.ts';

/** Probabilities are kept from 0 by this. */
const epsilon = 1e-7;

/** The mean loss that the network learns by: −ln of the label's probability, or the squared error. */
export function lossOf({ kind }: Task, { predictions, labels, weights }: Predicted): number {
  const width = predictions.length / labels.length;
  const lossAt = (row: number): number => {
    const label = labels[row]!;
    if (kind === 'regression') return (predictions[row]! - label) ** 2;
    const given = predictions[kind === 'multiclass' ? row * width + label : row]!;
    return -Math.log(Math.max(epsilon, kind === 'binary' && label === 0 ? 1 - given : given));
  };
  let loss = 0;
  let weight = 0;
  for (let row = 0; row < labels.length; row++) {
    const each = weights?.[row] ?? 1;
    loss += each * lossAt(row);
    weight += each;
  }
  return loss / weight;
}
