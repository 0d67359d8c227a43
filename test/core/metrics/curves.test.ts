import { describe, expect, test } from 'vitest';
import { stream } from '../../../core/chance.ts';
import { histogram, meansByPrediction, precisionRecall, rocCurve } from '../../../core/metrics/curves.ts';
import { decodeTally, encodeTally } from '../../../core/metrics/encode-tally.ts';
import { auc, averagePrecision } from '../../../core/metrics/ranking.ts';
import { countScores } from '../../../core/metrics/score-counts.ts';
import { mergeTallies, tallyOf } from '../../../core/metrics/tally.ts';

const countsOf = (scores: readonly number[], labels: readonly number[]) =>
  countScores({ scores: Float32Array.from(scores), labels: Uint8Array.from(labels) });

describe('curves of ranking', () => {
  // The example of scikit-learn's roc_curve and precision_recall_curve.
  const counts = countsOf([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);

  test('are those of the documentation of scikit-learn', () => {
    expect(rocCurve(counts)).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
    expect(precisionRecall(counts)).toEqual([
      [0.5, 1],
      [0.5, 0.5],
      [1, 2 / 3],
      [1, 0.5],
    ]);
  });

  test('have few points, and the areas that the metrics have', () => {
    const next = stream('curves');
    const rows = Array.from({ length: 20_000 }, () => {
      const label = Number(next() < 0.3);
      return { label, score: 0.3 * label + next() };
    });
    const many = countsOf(
      rows.map(({ score }) => score),
      rows.map(({ label }) => label),
    );
    const roc = rocCurve(many);
    expect(roc.length).toBeLessThan(400);
    const area = roc
      .slice(1)
      .reduce((sum, [x, y], at) => sum + (x - roc[at]![0]) * ((y + roc[at]![1]) / 2), 0);
    expect(area).toBeCloseTo((auc(many) as { value: number }).value, 3);
    const curve = precisionRecall(many);
    expect(curve.length).toBeLessThan(500);
    const mean = curve.slice(1).reduce((sum, [x, y], at) => sum + (x - curve[at]![0]) * y, 0);
    expect(mean).toBeCloseTo((averagePrecision(many) as { value: number }).value, 2);
  });

  test('of one label alone there is none', () => {
    expect(rocCurve(countsOf([0.1, 0.2], [1, 1]))).toEqual([]);
    expect(precisionRecall(countsOf([0.1, 0.2], [0, 0]))).toEqual([]);
  });
});

describe('a quantity', () => {
  const rows = {
    predictions: Float32Array.from([1, 1, 2, 4]),
    labels: Float64Array.from([1.5, 0.5, 2, Number.NaN]),
  };
  const task = { kind: 'regression' } as const;
  const tally = tallyOf(task, rows, true);

  test('tells how errors are spread, and what was where so much was predicted', () => {
    const [errors, predicted] = tally.ranks;
    expect(histogram(errors!, 2)).toEqual([
      { from: -0.5, to: 0, weight: 1 },
      { from: 0, to: 0.5, weight: 2 },
    ]);
    expect(meansByPrediction(predicted!, 2)).toEqual([
      { predicted: 1, actual: 1, weight: 2 },
      { predicted: 2, actual: 2, weight: 1 },
    ]);
  });

  test('weights count, parts add up, and what is written is read again', () => {
    const weights = Float64Array.from([3, 1, 0.5, 9]);
    const whole = tallyOf(task, { ...rows, weights }, true);
    expect(meansByPrediction(whole.ranks[1]!, 1)).toEqual([
      { predicted: (4 * 1 + 0.5 * 2) / 4.5, actual: (4.5 + 0.5 + 1) / 4.5, weight: 4.5 },
    ]);
    const part = (from: number, to: number) =>
      tallyOf(
        task,
        {
          predictions: rows.predictions.slice(from, to),
          labels: rows.labels.slice(from, to),
          weights: weights.slice(from, to),
        },
        true,
      );
    expect(decodeTally(encodeTally(mergeTallies(part(0, 1), part(1, 4))))).toEqual(whole);
  });

  test('where nobody asks, nothing is counted', () => {
    expect(tallyOf(task, rows, false).ranks).toEqual([]);
  });

  test('equal errors are one bar', () => {
    expect(histogram(countsOf([2, 2], [1, 1]), 10)).toEqual([{ from: 2, to: 3, weight: 2 }]);
    expect(histogram(countsOf([], []), 10)).toEqual([]);
  });
});
