import { expect, test } from 'vitest';
import type { Dataset, Partition } from '../../../core/contracts/records.ts';
import { modelData } from '../../../core/steps/model-data.ts';
import { dataset as example } from '../../support/tracking-examples.ts';

const partition = (key: string, fold?: number): Partition => ({
  ...{ key, rows: 1, bytes: 1, sha256: 'a'.repeat(64) },
  ...(fold !== undefined && { fold }),
});

const cut = (ordered: boolean): Dataset => ({
  ...example,
  folds: { count: 3, ordered },
  partitions: {
    train: [partition('first'), partition('a', 0), partition('b', 1), partition('c', 2), partition('d', 1)],
    validation: [],
    test: [partition('t')],
  },
});

function keysOf(dataset: Dataset, fold?: number) {
  const { partitions, folder } = modelData(dataset, fold);
  return [partitions.train.map(({ key }) => key), partitions.validation.map(({ key }) => key), folder];
}

test('a fold is judged by its own partitions, and learns from all others', () => {
  expect(keysOf(cut(false), 1)).toEqual([['first', 'a', 'c'], ['b', 'd'], 'fold-1/']);
  expect(keysOf(cut(false), 2)).toEqual([['first', 'a', 'b', 'd'], ['c'], 'fold-2/']);
});

test('a fold of those that are ordered in time learns from what was before it', () => {
  expect(keysOf(cut(true), 0)).toEqual([['first'], ['a'], 'fold-0/']);
  expect(keysOf(cut(true), 1)).toEqual([['first', 'a'], ['b', 'd'], 'fold-1/']);
});

test('a dataset without folds is seen as it was split, and keeps its caches where they were', () => {
  const sides = { ...example, partitions: { ...cut(false).partitions, validation: [partition('v')] } };
  expect(keysOf(sides)).toEqual([['first', 'a', 'b', 'c', 'd'], ['v'], '']);
});
