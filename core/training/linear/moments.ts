import { sliceRows } from '../../tables/slice.ts';
import type { DensePlan } from '../dense/plan.ts';
import { labelledBatches } from '../labelled.ts';
import type { TrainingTable } from '../trainable.ts';
import { blockRows, Design } from './design.ts';

/** What is to be summed over the training side's rows. */
export type MomentsRequest =
  /** Of the quantity less `centre`: near its mean, so that little is lost where products are centred. */
  | { readonly loss: 'squared'; readonly plan: DensePlan; readonly centre: number }
  /** At coefficients of the log odds of the second of two classes or, of more, of the scores of each (class after class). */
  | {
      readonly loss: 'log';
      readonly plan: DensePlan;
      /** The labels that there are coefficients for; of two classes the second alone. */
      readonly classes: readonly number[];
      readonly coefficients: readonly number[];
      /** What a row of each class counts, by its label; null: 1. */
      readonly classWeights: readonly number[] | null;
    };

/** Sums over rows; those of parts add up. */
export interface Moments {
  readonly rows: number;
  /** Of the quantity's squares, or the loss. */
  readonly loss: number;
  /** Of the quantity times each column; or the loss's gradient, class after class. */
  readonly sums: Float64Array;
  /** Of the products of columns; or the loss's second derivatives: of class k and l ≥ k, in that order. */
  readonly products: readonly Float64Array[];
}

/** Row weights are taken as they are, and nothing of the training side is held but a block. */
export async function momentsOf(request: MomentsRequest, table: TrainingTable): Promise<Moments> {
  const sum = request.loss === 'squared' ? squaredSums(request) : logSums(request);
  for await (const { batch, labels, weights } of labelledBatches(table, 'train')) {
    for (let start = 0; start < batch.rows; start += blockRows) {
      const end = Math.min(batch.rows, start + blockRows);
      sum.add(sliceRows(batch, start, end), labels.subarray(start, end), weights?.subarray(start, end));
    }
  }
  return sum.moments();
}

interface Summing {
  add(batch: Parameters<Design['hold']>[0], labels: Float64Array, weights: Float64Array | undefined): void;
  moments(): Moments;
}

function squaredSums({ plan, centre }: Extract<MomentsRequest, { loss: 'squared' }>): Summing {
  const design = new Design(plan, { products: 1, sums: 1, vectors: 2 });
  const [quantity, weight] = design.vectors as [Float64Array, Float64Array];
  let rows = 0;
  let squares = 0;
  return {
    add(batch, labels, weights) {
      design.hold(batch);
      rows += labels.length;
      let own = 0;
      for (let row = 0; row < labels.length; row++) {
        const value = labels[row]! - centre;
        const weighted = weights ? value * weights[row]! : value;
        quantity[row] = weighted;
        own += weighted * value;
      }
      squares += own;
      if (weights) weight.set(weights);
      design.addProducts(0, weights && 1);
      design.addSums(0, 0);
    },
    moments: () => ({ rows, loss: squares, sums: design.sums(0), products: [design.products(0)] }),
  };
}

function logSums({
  plan,
  classes,
  coefficients,
  classWeights,
}: Extract<MomentsRequest, { loss: 'log' }>): Summing {
  const count = classes.length;
  const pairs = classes.flatMap((_, k) => classes.slice(k).map((_, l) => [k, k + l] as const));
  // Behind a class's scores, that become its probabilities: a row's weight, and what it counts in a sum.
  const design = new Design(plan, { products: pairs.length, sums: count, vectors: count + 2 });
  const all = Float64Array.from(coefficients);
  const [weight, counts] = design.vectors.slice(count) as [Float64Array, Float64Array];
  const scores = design.vectors.slice(0, count);
  let rows = 0;
  let loss = 0;
  return {
    add(batch, labels, weights) {
      design.hold(batch);
      rows += labels.length;
      const isWeighted = weights !== undefined || classWeights !== null;
      if (isWeighted)
        for (let row = 0; row < labels.length; row++)
          weight[row] = (weights ? weights[row]! : 1) * (classWeights ? classWeights[labels[row]!]! : 1);
      else weight.fill(1, 0, labels.length);
      for (const k of scores.keys())
        design.score(all.subarray(k * design.columns, (k + 1) * design.columns), k);
      if (count === 1) {
        loss += binaryTerms(scores[0]!, labels, isWeighted ? weight : undefined, counts);
        design.addProducts(0, 2);
        design.addSums(0, 0);
        return;
      }
      loss += softmax(scores, labels, weight, classes);
      for (const [place, [k, l]] of pairs.entries()) {
        const [one, other] = [scores[k]!, scores[l]!];
        if (k === l)
          for (let row = 0; row < labels.length; row++)
            counts[row] = weight[row]! * one[row]! * (1 - one[row]!);
        else
          for (let row = 0; row < labels.length; row++) counts[row] = -weight[row]! * one[row]! * other[row]!;
        design.addProducts(place, count + 1);
      }
      for (const [k, label] of classes.entries()) {
        const probability = scores[k]!;
        for (let row = 0; row < labels.length; row++)
          counts[row] = weight[row]! * (probability[row]! - Number(labels[row] === label));
        design.addSums(k, count + 1);
      }
    },
    moments: () => ({
      rows,
      loss,
      sums: Float64Array.from(classes.flatMap((_, k) => [...design.sums(k)])),
      products: pairs.map((_, place) => design.products(place)),
    }),
  };
}

/** Factors of up to 2 whose product is a double. */
const factors = 512;

/**
 * Log odds become what each row adds to the gradient, and `counts` what it adds to the second derivatives; answers the rows'
 * loss. The logarithms of many are that of their product, where rows count alike.
 */
function binaryTerms(
  scores: Float64Array,
  labels: Float64Array,
  weight: Float64Array | undefined,
  counts: Float64Array,
): number {
  let loss = 0;
  let product = 1;
  for (let row = 0; row < labels.length; row++) {
    const score = scores[row]!;
    const tail = Math.exp(-Math.abs(score));
    const probability = (score >= 0 ? 1 : tail) / (1 + tail);
    const wrong = labels[row] === 1 ? -score : score;
    const own = weight === undefined ? 1 : weight[row]!;
    if (wrong > 0) loss += own * wrong;
    if (weight !== undefined) loss += own * Math.log1p(tail);
    else {
      product *= 1 + tail;
      if (row % factors === factors - 1) {
        loss += Math.log(product);
        product = 1;
      }
    }
    scores[row] = own * (probability - labels[row]!);
    counts[row] = own * probability * (1 - probability);
  }
  return loss + Math.log(product);
}

/** Scores become probabilities; answers the rows' loss. */
function softmax(
  scores: readonly Float64Array[],
  labels: Float64Array,
  weight: Float64Array,
  classes: readonly number[],
): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    let most = -Infinity;
    for (const each of scores) most = Math.max(most, each[row]!);
    let sum = 0;
    let own = 0;
    for (let k = 0; k < scores.length; k++) {
      const score = scores[k]![row]! - most;
      if (labels[row] === classes[k]) own = score;
      sum += scores[k]![row] = Math.exp(score);
    }
    for (const each of scores) each[row]! /= sum;
    loss += weight[row]! * (Math.log(sum) - own);
  }
  return loss;
}

/** Doubles: the rows, the loss, how many columns and classes' pairs there are, the sums, and the products' upper triangles. */
export function encodeMoments({ rows, loss, sums, products }: Moments): Uint8Array {
  const columns = Math.round(Math.sqrt(products[0]!.length));
  const triangle = (columns * (columns + 1)) / 2;
  const all = new Float64Array(4 + sums.length + products.length * triangle);
  all.set([rows, loss, columns, products.length]);
  all.set(sums, 4);
  let at = 4 + sums.length;
  for (const product of products)
    for (let i = 0; i < columns; i++) {
      all.set(product.subarray(i * columns + i, (i + 1) * columns), at);
      at += columns - i;
    }
  return new Uint8Array(all.buffer);
}

export function decodeMoments(bytes: Uint8Array): Moments {
  const all = new Float64Array(bytes.slice().buffer);
  const [rows, loss, columns, count] = all as unknown as [number, number, number, number];
  const triangle = (columns * (columns + 1)) / 2;
  const products = Array.from({ length: count }, (_, k) => {
    let at = all.length - (count - k) * triangle;
    const product = new Float64Array(columns ** 2);
    for (let i = 0; i < columns; i++)
      for (let j = i; j < columns; j++) {
        product[i * columns + j] = all[at]!;
        product[j * columns + i] = all[at++]!;
      }
    return product;
  });
  return { rows, loss, sums: all.slice(4, all.length - count * triangle), products };
}

/** Sum by sum; what says how many there are stays. */
export function addMoments(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = new Float64Array(a.slice().buffer);
  const other = new Float64Array(b.slice().buffer);
  for (let at = 0; at < sum.length; at++) if (at !== 2 && at !== 3) sum[at]! += other[at]!;
  return new Uint8Array(sum.buffer);
}
