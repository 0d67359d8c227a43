import type { Task } from '../contracts/task.ts';
import { everyNth } from '../onnx/output-columns.ts';
import type { Predicted } from '../training/trainable.ts';
import { addClasses, sumsOfClasses } from './class-sums.ts';
import { addNumbers, sumsOfNumbers } from './number-sums.ts';
import { ScoreCounter } from './score-counter.ts';
import { mergeScoreCounts, mostScores, type ScoreCounts } from './score-counts.ts';
import type { WideSums } from './wide-sums.ts';

/** All that metrics are computed from; it merges over batches, shards and folds. */
export type Tally =
  | {
      readonly kind: 'classes';
      readonly classes: number;
      readonly sums: WideSums;
      /** Of the second of two classes; of each of more. None where nobody asks for a metric of ranking. */
      readonly ranks: readonly ScoreCounts[];
    }
  | {
      readonly kind: 'numbers';
      readonly sums: WideSums;
      /**
       * How errors (label less prediction) are spread, each with its weight; then the predictions, with their weight and, as
       * `negatives`, the weighed sum of their labels. None where nobody asks for scores.
       */
      readonly ranks: readonly ScoreCounts[];
    };

/** More classes have no metric of ranking: each would be counted by itself. */
export const mostRanked = 100;

/** So many scores of each of several classes are told apart at least. */
const leastScores = 2 ** 14;

/** So many errors, and predictions, of a quantity are told apart. */
const numbersKept = 2 ** 12;

/** How many scores of a class are told apart, so that those of all do not take more room than one class's would. */
const scoresKept = (classes: number): number =>
  classes === 2 ? mostScores : Math.max(leastScores, Math.floor(mostScores / classes));

/** Tallies rows as they come in. `ranks`: whether metrics of ranking are asked for. */
export class Tallier {
  readonly #classes: number;
  readonly #sums: WideSums;
  readonly #counters: readonly ScoreCounter[];

  constructor(task: Task, ranks: boolean) {
    this.#classes = task.kind === 'regression' ? 0 : task.classes.length;
    this.#sums = this.#classes === 0 ? sumsOfNumbers() : sumsOfClasses(this.#classes);
    const counted = ranks && this.#classes <= mostRanked ? (this.#classes === 2 ? 1 : this.#classes) : 0;
    this.#counters =
      this.#classes === 0
        ? Array.from({ length: ranks ? 2 : 0 }, () => new ScoreCounter(numbersKept))
        : Array.from({ length: counted }, () => new ScoreCounter(scoresKept(this.#classes)));
  }

  /** Rows without a label do not count. `BadTable` where a prediction is no number, now or later. */
  add(rows: Predicted): void {
    if (this.#classes === 0) {
      addNumbers(this.#sums, rows);
      if (this.#counters.length > 0) this.#countNumbers(rows);
      return;
    }
    addClasses(this.#sums, rows, this.#classes);
    const { predictions, labels, weights } = rows;
    for (const [at, counter] of this.#counters.entries()) {
      const positive = this.#classes === 2 ? 1 : at;
      counter.add({
        scores: everyNth(predictions, at, this.#counters.length),
        labels: against(labels, positive),
        weights,
      });
    }
  }

  #countNumbers({ predictions, labels, weights }: Predicted): void {
    const [errors, predicted] = this.#counters;
    const known = Uint8Array.from(labels, (label) => (Number.isNaN(label) ? 255 : 1));
    const weighed = weights ?? new Float64Array(labels.length).fill(1);
    const scores = Float32Array.from(labels, (label, row) =>
      known[row] === 1 ? label - predictions[row]! : 0,
    );
    errors!.add({ scores, labels: known, weights: weighed });
    predicted!.add({ scores: predictions, labels: known, weights: weighed });
    const sums = labels.map((label, row) => label * weighed[row]!);
    predicted!.add({ scores: predictions, labels: known.map((one) => (one === 1 ? 0 : 255)), weights: sums });
  }

  done(): Tally {
    const sums = this.#sums.copy();
    const ranks = this.#counters.map((counter) => counter.counts());
    if (this.#classes === 0) return { kind: 'numbers', sums, ranks };
    return {
      kind: 'classes',
      classes: this.#classes,
      sums,
      ranks,
    };
  }
}

/** Of predicted rows. */
export function tallyOf(task: Task, rows: Predicted, ranks: boolean): Tally {
  const tallier = new Tallier(task, ranks);
  tallier.add(rows);
  return tallier.done();
}

/** The tally of the rows of both, which are of one task. */
export function mergeTallies(a: Tally, b: Tally): Tally {
  const sums = a.sums.copy();
  sums.addAll(b.sums);
  const most = a.kind === 'classes' ? scoresKept(a.classes) : numbersKept;
  const ranks = a.ranks.map((counts, at) => mergeScoreCounts(counts, b.ranks[at]!, most));
  if (a.kind !== 'classes') return { kind: 'numbers', sums, ranks };
  return { kind: 'classes', classes: a.classes, sums, ranks };
}

/** 1 for the class, 0 for any other, 255 for none. */
function against(labels: Float64Array, positive: number): Uint8Array {
  const bytes = new Uint8Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    bytes[row] = Number.isNaN(label) ? 255 : Number(label === positive);
  }
  return bytes;
}
