import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeScoreCounts, encodeScoreCounts } from '../../../core/metrics/encode-counts.ts';
import { auc } from '../../../core/metrics/ranking.ts';
import { countScores, mergeScoreCounts, mostScores } from '../../../core/metrics/score-counts.ts';
import { chance } from '../training/tables.ts';

const value = (of: ReturnType<typeof auc>): number => (of.kind === 'value' ? of.value : Number.NaN);

const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean()), { maxLength: 60 });

function counted(part: readonly (readonly [number, boolean])[]) {
  return countScores({
    scores: Float32Array.from(part, ([score]) => score / 8),
    labels: Uint8Array.from(part, ([, label]) => Number(label)),
  });
}

describe('score counts', () => {
  test('give the pairwise definition of AUC', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const positives = all.filter(([, label]) => label);
        const negatives = all.filter(([, label]) => !label);
        const won = positives.flatMap(([p]) => negatives.map(([n]) => (p > n ? 1 : p === n ? 0.5 : 0)));
        fc.pre(won.length > 0);
        const expected = won.reduce<number>((sum, one) => sum + one, 0) / won.length;
        expect(value(auc(counted(all)))).toBeCloseTo(expected, 12);
      }),
    );
  });

  test('are the same however the rows were divided', () => {
    fc.assert(
      fc.property(rows, fc.nat(60), (all, cut) => {
        const merged = mergeScoreCounts(counted(all.slice(0, cut)), counted(all.slice(cut)));
        expect(merged).toEqual(counted(all));
      }),
    );
  });

  test('survive encoding, and refuse bytes that are cut off', () => {
    fc.assert(
      fc.property(rows, (all) => {
        expect(decodeScoreCounts(encodeScoreCounts(counted(all)))).toEqual(counted(all));
      }),
    );
    const bytes = encodeScoreCounts(counted([[1, true]]));
    expect(() => decodeScoreCounts(bytes.subarray(0, -3))).toThrow('score counts');
    expect(() => decodeScoreCounts(new Uint8Array(3))).toThrow('score counts');
  });
});

describe('score counts of more scores than they hold', () => {
  test('drop as few last bits as make them fit', () => {
    // 1 + k/8 for k = 0 … 7, and 4: one bit less than the three that tell the eighths apart leaves quarters.
    const eighths = Float32Array.of(1, 1.125, 1.25, 1.375, 1.5, 1.625, 1.75, 1.875, 4);
    const labels = Uint8Array.of(1, 0, 0, 1, 1, 1, 0, 0, 1);
    expect(countScores({ scores: eighths, labels }, 5)).toEqual({
      dropped: 21,
      scores: Float32Array.of(1, 1.25, 1.5, 1.75, 4),
      positives: Float64Array.of(1, 1, 2, 0, 1),
      negatives: Float64Array.of(1, 1, 0, 2, 0),
    });
    expect(countScores({ scores: eighths, labels }, 9).dropped).toBe(0);
  });

  test('are the same however the rows were divided, in whatever order, and after encoding', () => {
    const floats = fc.array(fc.tuple(fc.float({ noNaN: true }), fc.boolean()), { maxLength: 60 });
    const of = (part: readonly (readonly [number, boolean])[]) =>
      countScores(
        {
          scores: Float32Array.from(part, ([score]) => score),
          labels: Uint8Array.from(part, ([, label]) => Number(label)),
        },
        7,
      );
    fc.assert(
      fc.property(floats, fc.nat(60), (all, cut) => {
        const [a, b] = [of(all.slice(0, cut)), decodeScoreCounts(encodeScoreCounts(of(all.slice(cut))))];
        expect(of(all).scores.length).toBeLessThanOrEqual(7);
        expect(mergeScoreCounts(a, b, 7)).toEqual(of(all));
        expect(mergeScoreCounts(b, a, 7)).toEqual(of(all.toReversed()));
      }),
    );
  });

  test('of a million and a half are bounded, and give the metrics of all the scores', () => {
    const rows = 1_500_000;
    const next = chance(3);
    // Of a probability p drawn evenly the label is 1 with probability p: the AUC is 5/6.
    const scores = Float32Array.from({ length: rows }, next);
    const labels = Uint8Array.from(scores, (score) => Number(next() < score));
    const counts = countScores({ scores, labels });
    expect(counts.dropped).toBeGreaterThan(0);
    expect(counts.scores.length).toBeLessThanOrEqual(mostScores);
    // Five standard errors of the sample are 0.0017; the buckets add a thousandth of that.
    expect(Math.abs(value(auc(counts)) - 5 / 6)).toBeLessThan(0.0017);
    const exact = countScores({ scores, labels }, Number.POSITIVE_INFINITY);
    expect(exact.dropped).toBe(0);
    expect(Math.abs(value(auc(counts)) - value(auc(exact)))).toBeLessThan(1e-6);
  });
});
