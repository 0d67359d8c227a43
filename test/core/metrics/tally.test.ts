import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricNames } from '../../../core/contracts/metrics.ts';
import type { Task } from '../../../core/contracts/task.ts';
import { decodeTally, encodeTally } from '../../../core/metrics/encode-tally.ts';
import { metricFrom, metricOf, metricsFrom } from '../../../core/metrics/metrics.ts';
import { mergeTallies, tallyOf } from '../../../core/metrics/tally.ts';
import type { Predicted } from '../../../core/training/trainable.ts';

const three: Task = { kind: 'multiclass', classes: ['a', 'b', 'c'] };
const tasks: readonly Task[] = [{ kind: 'binary', classes: [0, 1] }, three, { kind: 'regression' }];

/** A row as label, what it weighs, and three scores; of a quantity the first is the number. */
type Row = readonly [label: number, weight: number, ...scores: number[]];

const rows = fc.array(
  fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 1000 }), fc.nat(9), fc.nat(9), fc.nat(9)),
  { minLength: 3, maxLength: 60 },
);

function predictedOf(task: Task, given: readonly Row[], weighted: boolean): Predicted {
  const big = 1e8;
  const labels = Float64Array.from(given, ([label, weight]) =>
    task.kind === 'regression' ? big + weight / 7 : task.kind === 'binary' ? Math.min(1, label) : label,
  );
  const predictions = Float32Array.from(
    given.flatMap(([, , ...scores]) => {
      const sum = scores.reduce((all, score) => all + score + 1, 0);
      const shares = scores.map((score) => (score + 1) / sum);
      return task.kind === 'multiclass'
        ? shares
        : [task.kind === 'binary' ? shares[0]! : big + scores[0]! * 16];
    }),
  );
  const weights = Float64Array.from(given, ([, weight]) => weight / 333);
  return { predictions, labels, ...(weighted && { weights }) };
}

describe.each(tasks)('a tally of $kind', (task) => {
  const of = (given: readonly Row[], weighted = false) =>
    tallyOf(task, predictedOf(task, given, weighted), true);
  const named = (tally: ReturnType<typeof of>) => metricsFrom(tally, metricNames(task.kind));

  test('gives the same metrics however the rows were divided, and in whatever order, to the last bit', () => {
    fc.assert(
      fc.property(rows, fc.nat(60), (all, cut) => {
        const [a, b] = [of(all.slice(0, cut)), of(all.slice(cut))];
        expect(named(mergeTallies(a, b))).toEqual(named(of(all)));
        expect(named(mergeTallies(b, a))).toEqual(named(of(all.toReversed())));
        expect(named(of(all.toReversed()))).toEqual(named(of(all)));
      }),
    );
  });

  test('with weights does so too, but for the last digits of sums of weights', () => {
    fc.assert(
      fc.property(rows, fc.nat(60), (all, cut) => {
        const merged = named(mergeTallies(of(all.slice(0, cut), true), of(all.slice(cut), true)));
        const whole = named(of(all, true));
        expect(Object.keys(merged)).toEqual(Object.keys(whole));
        for (const [name, value] of Object.entries(whole)) expect(merged[name]).toBeCloseTo(value, 10);
      }),
    );
  });

  test('survives encoding, and bytes that are cut off are refused', () => {
    fc.assert(
      fc.property(rows, fc.boolean(), (all, weighted) => {
        expect(decodeTally(encodeTally(of(all, weighted)))).toEqual(of(all, weighted));
      }),
    );
    const bytes = encodeTally(of([[0, 1, 1, 2, 3]]));
    for (const cut of [0, 3, 20, bytes.length - 8]) {
      expect(() => decodeTally(bytes.subarray(0, cut))).toThrow(`${cut} bytes are no tally-1`);
    }
  });

  test('leaves out rows without a label', () => {
    const labelled = predictedOf(
      task,
      [
        [0, 1, 1, 2, 3],
        [1, 2, 3, 2, 1],
      ],
      true,
    );
    const width = labelled.predictions.length / 2;
    const more = {
      predictions: Float32Array.of(...labelled.predictions, ...labelled.predictions.subarray(0, width)),
      labels: Float64Array.of(...labelled.labels, Number.NaN),
      weights: Float64Array.of(...labelled.weights!, 5),
    };
    expect(tallyOf(task, more, true)).toEqual(tallyOf(task, labelled, true));
  });
});

describe('a metric that is undefined', () => {
  const binary = tasks[0]!;
  const of = (labels: readonly number[], predictions: readonly number[]) =>
    tallyOf(binary, { labels: Float64Array.from(labels), predictions: Float32Array.from(predictions) }, true);

  test('says why', () => {
    expect(() => metricFrom(of([1, 1], [0.1, 0.2]), 'auc')).toThrow(
      'auc cannot be computed: it needs rows of both labels, there are 2 positive and 0 negative rows',
    );
    expect(() => metricFrom(of([0], [0.1]), 'average_precision')).toThrow(
      'it needs a positive row, there is none',
    );
    expect(() => metricFrom(of([0], [0.1]), 'f1')).toThrow('no row is positive, and none is predicted so');
    expect(() => metricFrom(of([], []), 'log_loss')).toThrow('there is no row, or none of a weight above 0');
    const single = { labels: Float64Array.of(2), predictions: Float32Array.of(1) };
    expect(() => metricOf('r2', { kind: 'regression' }, single)).toThrow('it needs two rows, there is 1');
    const twoOfThree = {
      labels: Float64Array.of(0, 2),
      predictions: Float32Array.of(0.5, 0.2, 0.3, 0.1, 0.2, 0.7),
    };
    expect(() => metricOf('auc', three, twoOfThree)).toThrow('no row is of class 2 of 3');
    const many: Task = { kind: 'multiclass', classes: Array.from({ length: 101 }, (_, at) => at) };
    const one = { labels: Float64Array.of(0), predictions: new Float32Array(101).fill(1 / 101) };
    expect(() => metricOf('auc', many, one)).toThrow('it is computed for at most 100 classes, there are 101');
  });

  test('is left out of several', () => {
    expect(metricsFrom(of([1, 1], [0.6, 0.7]), ['auc', 'accuracy'])).toEqual({ accuracy: 1 });
  });
});

test('a prediction that is no number is refused', () => {
  const nan = { labels: Float64Array.of(0), predictions: Float32Array.of(Number.NaN) };
  expect(() => metricOf('accuracy', tasks[0]!, nan)).toThrow('the prediction of row 0 of 1 is NaN');
  const infinite = { labels: Float64Array.of(0), predictions: Float32Array.of(Number.POSITIVE_INFINITY) };
  expect(() => metricOf('rmse', { kind: 'regression' }, infinite)).toThrow(
    'is Infinity; a finite number is expected',
  );
});
