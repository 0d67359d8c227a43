import { add, divide, multiply, productError } from '../double-double.ts';
import { FanfareError } from '../errors.ts';
import type { Predicted } from '../training/trainable.ts';
import { type Metric, undefinedBy, valued } from './metric.ts';
import { WideSums } from './wide-sums.ts';

/** The places of the sums: rows, their weights, what is above and below the prediction, and squares. */
const at = { rows: 0, weight: 1, label: 2, labelSquare: 3, above: 4, below: 5, errorSquare: 6 } as const;

/** What rows of a quantity come to. */
export const sumsOfNumbers = (): WideSums => new WideSums(Object.keys(at).length);

/** Adds labelled rows. `BadTable` if a prediction is no finite number. */
export function addNumbers(sums: WideSums, { predictions, labels, weights }: Predicted): void {
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (Number.isNaN(label)) continue;
    const error = label - predictions[row]!;
    if (!(Math.abs(error) < Number.POSITIVE_INFINITY)) throw notFinite(row, labels.length, predictions[row]!);
    const weight = weights ? weights[row]! : 1;
    sums.add(at.rows, 1);
    sums.add(at.weight, weight);
    sums.addProduct(at.label, weight, label);
    const weighted = weight * label;
    sums.addProduct(at.labelSquare, weighted, label);
    sums.add(at.labelSquare, productError(weight, label, weighted) * label);
    sums.add(error > 0 ? at.above : at.below, weight * Math.abs(error));
    sums.add(at.errorSquare, weight * error * error);
  }
}

const notFinite = (row: number, rows: number, given: number): FanfareError =>
  new FanfareError(
    'BadTable',
    `the prediction of row ${row} of ${rows} is ${given}; a finite number is expected`,
  );

const noRow = undefinedBy('there is no row, or none of a weight above 0');

const mean = (sums: WideSums, sum: number): Metric => {
  const weight = sums.value(at.weight);
  return weight > 0 ? valued(sum / weight) : noRow;
};

export function rmse(sums: WideSums): Metric {
  const square = mean(sums, sums.value(at.errorSquare));
  return square.kind === 'value' ? valued(Math.sqrt(square.value)) : square;
}

export const mae = (sums: WideSums): Metric => mean(sums, sums.value(at.above) + sums.value(at.below));

/** A row above the prediction costs `quantile` of the difference, one below it the rest (Koenker and Bassett 1978). */
export const quantileLoss = (sums: WideSums, quantile: number): Metric =>
  mean(sums, quantile * sums.value(at.above) + (1 - quantile) * sums.value(at.below));

/** The share of the labels' squares about their mean that is explained; of equal labels 1 where all are met, or else 0. */
export function r2(sums: WideSums): Metric {
  if (sums.value(at.rows) < 2) return undefinedBy(`it needs two rows, there is ${sums.value(at.rows)}`);
  if (!(sums.value(at.weight) > 0)) return noRow;
  const square = divide(multiply(sums.wide(at.label), sums.wide(at.label)), sums.wide(at.weight));
  const [high, low] = add(sums.wide(at.labelSquare), [-square[0], -square[1]]);
  const spread = high + low;
  const errors = sums.value(at.errorSquare);
  // What is left of equal labels is rounding.
  if (spread <= sums.value(at.labelSquare) * 2 ** -80) return valued(errors === 0 ? 1 : 0);
  return valued(1 - errors / spread);
}
