import type { Objective } from './objective.ts';

/** What rows are predicted: of their scores, one after the other (`pitch` apart) where they have more than one. Row after row. */
export function predictionsOf(
  objective: Objective,
  scores: Float32Array,
  pitch: number,
  rows: number,
): Float32Array {
  switch (objective.kind) {
    case 'logistic':
      return scores.subarray(0, rows).map((score) => 1 / (1 + Math.exp(-score)));
    case 'softmax':
      return softmaxOf(objective.classes, scores, pitch, rows);
    case 'squared':
    case 'absolute':
    case 'quantile':
      return scores.slice(0, rows);
    case 'poisson':
      return scores.subarray(0, rows).map(Math.exp);
  }
}

function softmaxOf(classes: number, scores: Float32Array, pitch: number, rows: number): Float32Array {
  const out = new Float32Array(rows * classes);
  const parts = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) most = Math.max(most, scores[k * pitch + row]!);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += parts[k] = Math.exp(scores[k * pitch + row]! - most);
    for (let k = 0; k < classes; k++) out[row * classes + k] = parts[k]! / sum;
  }
  return out;
}

/** The mean of what is minimised, over rows that were predicted. */
export function lossOf(
  objective: Objective,
  predictions: Float32Array,
  labels: Float64Array,
  weights: Float64Array | undefined,
): number {
  const ofRow = rowLoss(objective, predictions);
  let sum = 0;
  let whole = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights ? weights[row]! : 1;
    sum += weight * ofRow(row, labels[row]!);
    whole += weight;
  }
  return sum / whole;
}

function rowLoss(objective: Objective, predictions: Float32Array): (row: number, label: number) => number {
  switch (objective.kind) {
    case 'logistic':
      return (row, label) => surprise(label === 1 ? predictions[row]! : 1 - predictions[row]!);
    case 'softmax':
      return (row, label) => surprise(predictions[row * objective.classes + label]!);
    case 'squared':
      return (row, label) => (label - predictions[row]!) ** 2;
    case 'absolute':
    case 'quantile':
      return (row, label) => {
        const error = label - predictions[row]!;
        return error < 0 ? (objective.share - 1) * error : objective.share * error;
      };
    case 'poisson':
      return (row, label) => predictions[row]! - label * Math.log(Math.max(predictions[row]!, tiny));
  }
}

const tiny = 1e-15;

const surprise = (probability: number): number => -Math.log(Math.max(probability, tiny));
