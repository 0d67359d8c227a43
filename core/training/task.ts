import type { Scalar } from '../contracts/names.ts';
import type { Target } from '../contracts/spec.ts';
import { noOrYes, type Task, type TaskKind } from '../contracts/task.ts';
import { FanfareError } from '../errors.ts';
import type { ColumnProfile } from '../tables/profile.ts';
import { exactBits } from '../tables/sketch.ts';

/** Whole numbers of more different values are a quantity where the specification does not say. */
const mostOwnClasses = 20;

/** A row has a probability a class, in memory and in what is written. */
const mostClasses = 1000;

type PlainTarget = Extract<Target, { kind: 'column' }>;

/**
 * What a model of the target predicts, by what the dataset's column holds: `above` and `equals` ask for a yes or no;
 * strings, booleans and at most 20 different whole numbers are classes, other numbers a quantity, unless the target names
 * its task. `InvalidSpec` where that does not fit the column, `BadTable` where it has no value, or classes only one.
 */
export function taskOf(target: Target, column: ColumnProfile): Task {
  if (target.kind !== 'column') return noOrYes;
  const values = valuesOf(target, column);
  const kind = target.task ?? values.task;
  if (kind === 'regression') {
    if (values.isNumeric) return { kind };
    throw unfit(target, kind, `it holds ${column.type} values, numbers are needed`);
  }
  if (typeof values.classes === 'string') throw unfit(target, kind, values.classes);
  return ofClasses(target, kind, values.classes);
}

interface Values {
  /** What they are where nobody says. */
  readonly task: TaskKind;
  readonly isNumeric: boolean;
  /** The different ones in their order, or why they are no classes. */
  readonly classes: readonly Scalar[] | string;
}

function valuesOf({ column: name }: PlainTarget, column: ColumnProfile): Values {
  if (column.kind === 'numbers') {
    const { type, sketch, infinite } = column;
    if (infinite > 0) {
      const many = `${infinite} infinite ${infinite === 1 ? 'number' : 'numbers'}`;
      throw new FanfareError('BadTable', `target: column "${name}" holds ${many}; a target is finite`);
    }
    if (sketch.values.length === 0)
      throw new FanfareError('BadTable', `target: column "${name}" has no number`);
    const isWhole =
      type !== 'timestamp' && sketch.bits === exactBits && sketch.values.every(Number.isSafeInteger);
    const classes = isWhole ? sketch.values : 'only whole numbers, strings and booleans can be classes';
    const few = isWhole && sketch.values.length <= mostOwnClasses;
    return {
      task: few ? taskOfCount(sketch.values.length) : 'regression',
      isNumeric: type !== 'timestamp',
      classes,
    };
  }
  const { zeros, counts } = column.categories;
  // An empty text is a missing one.
  const words = counts.flatMap(([word]) => (word === '' ? [] : [word])).sort();
  if (words.length === 0) throw new FanfareError('BadTable', `target: column "${name}" has no value`);
  if (column.type === 'boolean')
    return { task: 'binary', isNumeric: false, classes: words.map((word) => Number(word === 'true')) };
  const classes =
    zeros === 0 ? words : `it has more than ${counts.length} different strings, ${mostClasses} are allowed`;
  return {
    task: taskOfCount(zeros === 0 ? words.length : Number.POSITIVE_INFINITY),
    isNumeric: false,
    classes,
  };
}

const taskOfCount = (classes: number): TaskKind => (classes <= 2 ? 'binary' : 'multiclass');

function ofClasses(target: PlainTarget, kind: 'binary' | 'multiclass', classes: readonly Scalar[]): Task {
  const [first, second] = classes;
  const listed = classes
    .slice(0, 5)
    .map((each) => JSON.stringify(each))
    .join(', ');
  if (second === undefined) {
    throw new FanfareError(
      'BadTable',
      `target: column "${target.column}" is ${listed} in every row; at least two classes must occur`,
    );
  }
  if (kind === 'binary') {
    if (classes.length === 2) return { kind, classes: [first!, second] };
    const which = `${classes.length} different values (${listed}${classes.length > 5 ? ', …' : ''})`;
    throw unfit(target, kind, `it has ${which}; say which one is meant with "equals", or "above"`);
  }
  if (classes.length < 3) throw unfit(target, kind, `it has two values alone (${listed}): that is binary`);
  if (classes.length <= mostClasses) return { kind, classes: [...classes] };
  throw unfit(target, kind, `it has ${classes.length} different values, ${mostClasses} are allowed`);
}

const unfit = ({ column }: PlainTarget, kind: TaskKind, why: string): FanfareError =>
  new FanfareError('InvalidSpec', `target: column "${column}" does not fit the task ${kind}: ${why}`);
