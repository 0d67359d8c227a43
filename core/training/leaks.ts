import type { Task } from '../contracts/task.ts';
import type { Batch, Column } from '../tables/batch.ts';
import { numbersOf } from '../tables/slice.ts';

export interface Leak {
  readonly column: string;
  /** How much of the target it alone tells: of classes, the share of mistakes that it spares; of a quantity, R². */
  readonly told: number;
}

/** A column that alone tells more than this share of the target was hardly known before it. */
const suspicious = 0.99;
/** Below, chance tells as much. */
const leastRows = 200;

/**
 * The columns that alone determine the target, or nearly, on rows that are looked at. A row's target is guessed from the other
 * rows of the column's value or, where a number occurs once, from the row next to it in order: so that a column which is
 * different in each row is not suspected for that. `labels` as `labelsOf` gives them, some of them NaN.
 */
export function leaksOf(batch: Batch, labels: Float64Array, task: Task): readonly Leak[] {
  const rows = labels.reduce((sum, label) => sum + Number(!Number.isNaN(label)), 0);
  if (rows < leastRows) return [];
  return batch.fields.flatMap(({ name }, at) => {
    const groups = groupsOf(batch.columns[at]!, labels);
    const told = task.kind === 'regression' ? explained(groups) : spared(groups, task.classes.length);
    return told > suspicious ? [{ column: name, told }] : [];
  });
}

/** Labels of the rows of each value. */
interface Groups {
  readonly groups: readonly (readonly number[])[];
  /** Neighbours are near each other. */
  readonly ordered: boolean;
}

function groupsOf(column: Column, labels: Float64Array): Groups {
  const byValue = new Map<number, number[]>();
  const ordered = column.type !== 'string';
  const values = column.type === 'string' ? column.codes : numbersOf(column);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (Number.isNaN(label)) continue;
    // Missing values are a value of their own: that a value is missing can tell all, too.
    const value = column.valid?.[row] === 0 ? Number.NaN : values[row]!;
    const group = byValue.get(value);
    if (group) group.push(label);
    else byValue.set(value, [label]);
  }
  const sorted = [...byValue].sort(([a], [b]) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b));
  return { groups: sorted.map(([, group]) => group), ordered };
}

/** Which share of the mistakes of always guessing the most frequent class is not made. */
function spared({ groups, ordered }: Groups, classes: number): number {
  const all = new Float64Array(classes);
  for (const group of groups) for (const label of group) all[label]!++;
  const usual = indexOfMost(all);
  const rows = all.reduce((sum, count) => sum + count, 0);
  const usually = rows - all[usual]!;
  if (usually === 0) return 0;
  let mistakes = 0;
  let before = usual;
  for (const group of groups) {
    const counts = new Float64Array(classes);
    for (const label of group) counts[label]!++;
    const most = indexOfMost(counts);
    if (group.length > 1) mistakes += group.length - counts[most]!;
    else if (most !== (ordered ? before : usual)) mistakes++;
    before = most;
  }
  return 1 - mistakes / usually;
}

function indexOfMost(counts: Float64Array): number {
  let most = 0;
  for (let each = 1; each < counts.length; each++) if (counts[each]! > counts[most]!) most = each;
  return most;
}

/** R² of guessing the mean of the others of a value or, where it occurs once, the neighbour's (von Neumann 1941). */
function explained({ groups, ordered }: Groups): number {
  const labels = groups.flat();
  const mean = meanOf(labels);
  let total = 0;
  for (const label of labels) total += (label - mean) ** 2;
  if (total === 0) return 0;
  let error = 0;
  let before: number | undefined;
  for (const group of groups) {
    const own = meanOf(group);
    if (group.length > 1) {
      const others = group.length / (group.length - 1);
      for (const label of group) error += (others * (label - own)) ** 2;
    } else if (!ordered) error += (own - mean) ** 2;
    // Half of the squared difference of two numbers is the variance of one.
    else error += before === undefined ? 0 : (own - before) ** 2 / 2;
    before = own;
  }
  return 1 - error / total;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
