import { FanfareError } from '../errors.ts';
import type { Predicted } from '../training/trainable.ts';
import { type Metric, undefinedBy, valued } from './metric.ts';
import { WideSums } from './wide-sums.ts';

/**
 * What rows of classes come to: for each class and each predicted one the weight of its rows, then the sums of log loss and
 * Brier score, then for each bin of confidence the weight, the confidence and what was right.
 */
export const sumsOfClasses = (classes: number): WideSums => new WideSums(classes ** 2 + 2 + 3 * bins);

/** As Guo et al. (2017, https://arxiv.org/abs/1706.04599): of equal width, each with its upper end. */
const bins = 15;

/** What scikit-learn keeps float32 probabilities from 0 and 1 by. */
const epsilon = 2 ** -23;

/** Adds labelled rows of so many classes; two have the probability of the second one, more have one each. */
export function addClasses(
  sums: WideSums,
  { predictions, labels, weights }: Predicted,
  classes: number,
): void {
  const width = classes === 2 ? 1 : classes;
  const [logLoss, brier] = [classes ** 2, classes ** 2 + 1];
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (Number.isNaN(label)) continue;
    const weight = weights ? weights[row]! : 1;
    const first = row * width;
    let best = 0;
    let squares = 0;
    for (let at = 0; at < width; at++) {
      const probability = predictions[first + at]!;
      if (probability > predictions[first + best]!) best = at;
      squares += (probability - (width === 1 ? label : Number(at === label))) ** 2;
    }
    if (Number.isNaN(squares)) throw notANumber(row, labels.length);
    const confidence = predictions[first + best]!;
    const predicted = width === 1 ? Number(confidence > 0.5) : best;
    const isRight = width === 1 ? label === 1 : predicted === label;
    const own = width === 1 ? ofTwo(confidence, label) : Math.log(kept(predictions[first + label]!));
    sums.add(label * classes + predicted, weight);
    sums.add(logLoss, -weight * own);
    sums.add(brier, weight * squares);
    const bin = brier + 1 + 3 * binOf(confidence);
    sums.add(bin, weight);
    sums.addProduct(bin + 1, weight, confidence);
    if (isRight) sums.add(bin + 2, weight);
  }
}

const ofTwo = (probability: number, label: number): number =>
  label === 1 ? Math.log(kept(probability)) : Math.log1p(-kept(probability));

const kept = (probability: number): number => Math.min(1 - epsilon, Math.max(epsilon, probability));

/** The bin whose lower end is below the probability, and whose upper end is not; the first one has 0 as well. */
function binOf(probability: number): number {
  const bin = Math.min(bins - 1, Math.max(0, Math.ceil(probability * bins) - 1));
  if (bin > 0 && probability <= bin * (1 / bins)) return bin - 1;
  return bin + 1 < bins && probability > (bin + 1) * (1 / bins) ? bin + 1 : bin;
}

const notANumber = (row: number, rows: number): FanfareError =>
  new FanfareError('BadTable', `the prediction of row ${row} of ${rows} is NaN; a number is expected`);

/** What the sums of classes say. */
export class Confusion {
  readonly #sums: WideSums;
  readonly #classes: number;
  readonly total: number;

  constructor(sums: WideSums, classes: number) {
    this.#sums = sums;
    this.#classes = classes;
    this.total = this.#sum((at) => at, classes ** 2);
  }

  /** The weight of that class's rows for which that one was predicted. */
  of(label: number, predicted: number): number {
    return this.#sums.value(label * this.#classes + predicted);
  }

  ofLabel(label: number): number {
    return this.#sum((at) => label * this.#classes + at);
  }

  ofPredicted(predicted: number): number {
    return this.#sum((at) => at * this.#classes + predicted);
  }

  get right(): number {
    return this.#sum((at) => at * (this.#classes + 1));
  }

  /** Each class. */
  get labels(): readonly number[] {
    return Array.from({ length: this.#classes }, (_, label) => label);
  }

  #sum(place: (at: number) => number, count = this.#classes): number {
    let sum = 0;
    for (let at = 0; at < count; at++) sum += this.#sums.value(place(at));
    return sum;
  }
}

const mean = (sum: number, total: number): Metric => (total > 0 ? valued(sum / total) : noRow);
const noRow = undefinedBy('there is no row, or none of a weight above 0');

export const accuracy = (confusion: Confusion): Metric => mean(confusion.right, confusion.total);

export const logLoss = (sums: WideSums, classes: number): Metric =>
  mean(sums.value(classes ** 2), new Confusion(sums, classes).total);

export const brier = (sums: WideSums, classes: number): Metric =>
  mean(sums.value(classes ** 2 + 1), new Confusion(sums, classes).total);

export function calibrationError(sums: WideSums, classes: number): Metric {
  let total = 0;
  let apart = 0;
  for (let bin = 0; bin < bins; bin++) {
    const at = classes ** 2 + 2 + 3 * bin;
    total += sums.value(at);
    apart += Math.abs(sums.value(at + 1) - sums.value(at + 2));
  }
  return mean(apart, total);
}

/** What the rows of a bin of confidence come to. */
export interface ConfidenceBin {
  readonly weight: number;
  /** The mean confidence, and the share of what was right (of two classes: that is positive). */
  readonly confidence: number;
  readonly right: number;
}

/** The bins that have rows, from the least confidence. */
export const confidenceBins = (sums: WideSums, classes: number): readonly ConfidenceBin[] =>
  Array.from({ length: bins }, (_, bin) => classes ** 2 + 2 + 3 * bin).flatMap((at) => {
    const weight = sums.value(at);
    return weight > 0
      ? [{ weight, confidence: sums.value(at + 1) / weight, right: sums.value(at + 2) / weight }]
      : [];
  });

/** The mean recall of the classes that occur. */
export function balancedAccuracy(confusion: Confusion): Metric {
  const occurring = confusion.labels.filter((label) => confusion.ofLabel(label) > 0);
  const recalls = occurring.map((label) => confusion.of(label, label) / confusion.ofLabel(label));
  return mean(
    recalls.reduce((sum, recall) => sum + recall, 0),
    occurring.length,
  );
}

/** Matthews' correlation of labels and predicted classes (Gorodkin 2004 for more than two); 0 where one of them is constant. */
export function mcc(confusion: Confusion): Metric {
  const { total, right, labels } = confusion;
  if (!(total > 0)) return noRow;
  const cross = (a: (label: number) => number, b: (label: number) => number) =>
    labels.reduce((sum, label) => sum + a(label) * b(label), 0);
  const truth = (label: number) => confusion.ofLabel(label);
  const guess = (label: number) => confusion.ofPredicted(label);
  const spread = (total ** 2 - cross(truth, truth)) * (total ** 2 - cross(guess, guess));
  return valued(spread > 0 ? (right * total - cross(truth, guess)) / Math.sqrt(spread) : 0);
}

/** Of the second of two classes. */
export function precision(confusion: Confusion): Metric {
  const all = confusion.ofPredicted(1);
  return all > 0 ? valued(confusion.of(1, 1) / all) : undefinedBy('no row is predicted positive');
}

export function recall(confusion: Confusion): Metric {
  const all = confusion.ofLabel(1);
  return all > 0 ? valued(confusion.of(1, 1) / all) : undefinedBy('it needs a positive row, there is none');
}

/** Of the second of two classes. */
export function f1(confusion: Confusion): Metric {
  const value = f1Of(confusion, 1);
  return value === undefined ? undefinedBy('no row is positive, and none is predicted so') : valued(value);
}

/** The mean F1 of the classes that occur or are predicted, each as much as its rows weigh, or all alike. */
export function meanF1(confusion: Confusion, weighted: boolean): Metric {
  let [sum, total] = [0, 0];
  for (const label of confusion.labels) {
    const value = f1Of(confusion, label);
    if (value === undefined) continue;
    const weight = weighted ? confusion.ofLabel(label) : 1;
    sum += weight * value;
    total += weight;
  }
  return mean(sum, total);
}

function f1Of(confusion: Confusion, label: number): number | undefined {
  const both = confusion.ofLabel(label) + confusion.ofPredicted(label);
  return both > 0 ? (2 * confusion.of(label, label)) / both : undefined;
}
