import type { Task } from '../contracts/task.ts';

/** What a stratified split keeps the shares of: the classes of a target or, of a quantity, bins of it. */
export interface Stratification {
  readonly task: Task;
  /** Of a quantity: where the second bin and those after it begin. */
  readonly edges: readonly number[];
}

/** With the last, which is that of rows without a target. */
export const strataCount = ({ task, edges }: Stratification): number =>
  1 + (task.kind === 'regression' ? edges.length + 1 : task.classes.length);

/** Each row's stratum by its label (see `labelsOf`). */
export function strataOf(labels: Float64Array, of: Stratification): Int32Array {
  const strata = new Int32Array(labels.length);
  const missing = strataCount(of) - 1;
  const isClass = of.task.kind !== 'regression';
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (Number.isNaN(label)) strata[row] = missing;
    else strata[row] = isClass ? label : binOf(label, of.edges);
  }
  return strata;
}

function binOf(value: number, edges: readonly number[]): number {
  let bin = 0;
  while (bin < edges.length && value >= edges[bin]!) bin++;
  return bin;
}
