import { describe, expect, test } from 'vitest';
import { auc, logLoss } from '../../../core/metrics/auc.ts';
import { countScores, noScores } from '../../../core/metrics/score-counts.ts';

// Expected values: scikit-learn 1.9.1's roc_auc_score and log_loss of these float32 scores.
const scores = Float32Array.of(0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.9, 0.05, 0.35, 0.75);
const labels = Uint8Array.of(0, 0, 1, 1, 1, 0, 1, 0, 0, 1);

const value = (of: ReturnType<typeof auc>): number => (of.kind === 'value' ? of.value : Number.NaN);

describe('auc', () => {
  test('equals scikit-learn where scores are tied', () => {
    expect(value(auc(countScores(scores, labels)))).toBeCloseTo(0.86, 9);
  });

  test('is 1 for a perfect ranking, 0 for its reverse and one half for equal scores', () => {
    const labelled = Uint8Array.of(0, 0, 1);
    expect(auc(countScores(Float32Array.of(0.1, 0.2, 0.3), labelled))).toEqual({ kind: 'value', value: 1 });
    expect(auc(countScores(Float32Array.of(0.3, 0.2, 0.1), labelled))).toEqual({ kind: 'value', value: 0 });
    expect(auc(countScores(Float32Array.of(0.2, 0.2, 0.2), labelled))).toEqual({ kind: 'value', value: 0.5 });
  });

  test('says that it is undefined where all labels are equal', () => {
    const reason = 'AUC needs rows of both labels, there are 2 positive and 0 negative rows';
    expect(auc(countScores(Float32Array.of(0.1, 0.2), Uint8Array.of(1, 1)))).toEqual({
      kind: 'undefined',
      reason,
    });
    expect(auc(noScores).kind).toBe('undefined');
  });

  test('refuses a score that is NaN and lengths that differ', () => {
    expect(() => countScores(Float32Array.of(0.1, Number.NaN), Uint8Array.of(0, 1))).toThrow(
      'score 1 of 2 is NaN',
    );
    expect(() => countScores(Float32Array.of(0.1), Uint8Array.of(0, 1))).toThrow('1 scores and 2 labels');
  });
});

describe('logLoss', () => {
  test('equals scikit-learn, also where a probability is 0 or 1', () => {
    expect(value(logLoss(countScores(scores, labels)))).toBeCloseTo(0.4191386996323218, 9);
    const sure = countScores(Float32Array.of(0, 1, 1), Uint8Array.of(0, 1, 0));
    expect(value(logLoss(sure))).toBeCloseTo(5.314128398895264, 6);
  });
});
