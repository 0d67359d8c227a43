import { type DenseRows, encodeDense } from '../dense/encode.ts';
import type { DensePlan } from '../dense/plan.ts';
import { labelledBatches } from '../labelled.ts';
import type { Predicted, TrainingTable } from '../trainable.ts';
import { categoryStarts, interceptOf } from './design.ts';

/** The first rows of the validation side, as a plan has them. */
export interface Validation {
  readonly batches: readonly DenseRows[];
  readonly labels: Float64Array;
  readonly weights: Float64Array | undefined;
}

/** Doubles and codes of the validation side that are held: a trial's value is of all of its rows, by the exported file. */
const mostValues = 2 ** 23;

export async function validationOf(table: TrainingTable, plan: DensePlan): Promise<Validation> {
  const width = plan.numbers.length + plan.categories.length + 1;
  const batches: DenseRows[] = [];
  const labels: Float64Array[] = [];
  const weights: Float64Array[] = [];
  let held = 0;
  for await (const each of labelledBatches(table, 'validation')) {
    batches.push(encodeDense(plan, each.batch));
    labels.push(each.labels);
    if (each.weights) weights.push(each.weights);
    held += each.batch.rows * width;
    if (held >= mostValues) break;
  }
  return { batches, labels: joined(labels), weights: weights.length > 0 ? joined(weights) : undefined };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What the models predict, each by its coefficients: a quantity, a probability of the second of two classes, or one a class. */
export function predict(
  { batches, labels, weights }: Validation,
  plan: DensePlan,
  models: readonly Float64Array[],
  kind: TrainingTable['task']['kind'],
): Predicted {
  const width = models.length;
  const predictions = new Float32Array(labels.length * width);
  let first = 0;
  for (const rows of batches) {
    const scores = models.map((coefficients) => scoresOf(rows, plan, coefficients));
    const values =
      kind === 'regression' ? scores : kind === 'binary' ? scores.map(sigmoids) : softmaxes(scores);
    for (const [k, each] of values.entries())
      for (let row = 0; row < rows.rows; row++) predictions[(first + row) * width + k] = each[row]!;
    first += rows.rows;
  }
  return { predictions, labels, ...(weights && { weights }) };
}

function scoresOf(
  { rows, numbers, codes }: DenseRows,
  plan: DensePlan,
  coefficients: Float64Array,
): Float64Array {
  const scores = new Float64Array(rows).fill(coefficients[interceptOf(plan)]!);
  for (const [at, column] of numbers.entries())
    for (let row = 0; row < rows; row++) scores[row]! += coefficients[at]! * column[row]!;
  for (const [at, start] of categoryStarts(plan).slice(0, -1).entries()) {
    const own = codes[at]!;
    for (let row = 0; row < rows; row++)
      if (own[row]! > 0) scores[row]! += coefficients[start + own[row]! - 1]!;
  }
  return scores;
}

const sigmoids = (scores: Float64Array): Float64Array => scores.map((score) => 1 / (1 + Math.exp(-score)));

function softmaxes(scores: readonly Float64Array[]): Float64Array[] {
  const rows = scores[0]!.length;
  const out = scores.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    let most = -Infinity;
    for (const each of scores) most = Math.max(most, each[row]!);
    let sum = 0;
    for (const each of scores) sum += Math.exp(each[row]! - most);
    for (const [k, each] of scores.entries()) out[k]![row] = Math.exp(each[row]! - most) / sum;
  }
  return out;
}
