import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalFrequencyEdges, frequentCategories } from '../../../../core/training/bins/bin-plan.ts';

const exact = (values: readonly (readonly [number, number])[]) =>
  values.map(([value, count]) => ({ low: value, high: value, count }));

test('few values get a bin each, of at least three rows', () => {
  expect(
    equalFrequencyEdges(
      exact([
        [1, 3],
        [2, 5],
        [4, 3],
      ]),
      254,
    ),
  ).toEqual([1.5, 3]);
  expect(
    equalFrequencyEdges(
      exact([
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 9],
      ]),
      254,
    ),
  ).toEqual([3.5]);
  expect(equalFrequencyEdges(exact([[7, 100]]), 254)).toEqual([]);
});

test('many values are divided into bins of equal count', () => {
  const hundred = exact(Array.from({ length: 100 }, (_, k) => [k, 10] as const));
  expect(equalFrequencyEdges(hundred, 4)).toEqual([24.5, 49.5, 74.5]);
});

test('a value more frequent than an equal share stands alone', () => {
  const values = exact([
    [0, 20],
    [1, 20],
    [2, 500],
    [3, 10],
    [4, 10],
  ]);
  expect(equalFrequencyEdges(values, 3)).toContain(2.5);
});

test('an edge is a float32 at or above the lower value and below the higher one', () => {
  const numbers = fc.uniqueArray(fc.float({ noNaN: true }), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 2, max: 60 }), (values, most) => {
      const sorted = Float32Array.from(values, (value) => value + 0).sort();
      const edges = equalFrequencyEdges(exact([...sorted].map((value) => [value, 5])), most);
      expect(edges.length).toBeLessThan(most);
      for (const edge of edges) {
        expect(Number.isFinite(edge) && Math.fround(edge) === edge).toBe(true);
      }
      for (let k = 1; k < edges.length; k++) expect(edges[k]).toBeGreaterThan(edges[k - 1]!);
    }),
  );
  const next = 1 + 2 ** -23;
  expect(
    equalFrequencyEdges(
      exact([
        [1, 5],
        [next, 5],
      ]),
      254,
    ),
  ).toEqual([1]);
});

test('categories are ordered by count, then by their text', () => {
  const counts = new Map([
    ['b', 2],
    ['a', 2],
    ['c', 9],
    ['d', 1],
  ]);
  expect(frequentCategories(counts, 3)).toEqual([['c', 'a', 'b']]);
});

test('categories that a part has no room for have a part of their own, but for the rarest', () => {
  const counts = (each: readonly number[]) => new Map(each.map((count, at) => [`w${at}`, count]));
  const parts = (each: readonly number[]) => frequentCategories(counts(each), 2).map((part) => part.join());
  expect(parts([500, 400, 60, 40])).toEqual(['w0,w1', 'w2,w3']);
  // Nine in ten thousand rows are left out.
  expect(parts([9000, 991, 5, 4])).toEqual(['w0,w1']);
  expect(parts([30, 30, 30, 9, 9, 9])).toEqual(['w0,w1', 'w2,w3']);
  expect(parts(Array.from({ length: 40 }, () => 100))).toHaveLength(8);
  expect(parts([])).toEqual(['']);
});
