import { describe, expect, test } from 'vitest';
import { type MappingContext, openMapping } from '../../../core/code/mapping.ts';
import { fileExport, type UserModule } from '../../../core/code/module.ts';
import type { Rows } from '../../../core/code/rows.ts';
import { tableOf } from '../../../core/tables/batch.ts';
import { batchOf, rowsOf } from '../../support/tables.ts';

const batch = batchOf(
  [
    { name: 'x', type: 'float' },
    { name: 'city', type: 'string' },
  ],
  [
    [1, 'Oslo'],
    [2, null],
    [3, 'Rome'],
  ],
);

const context = { stage: 'preprocess', dataset: null, shard: 4 } as const;

const opened = (mapping: unknown, keepsRows = false) => {
  const module: UserModule = { default: mapping, [fileExport]: 'mine.ts' };
  return openMapping({ reference: 'code:1', context, keepsRows }, async () => module);
};

const failing = async (mapping: unknown, keepsRows = false): Promise<unknown> => {
  try {
    await (await opened(mapping, keepsRows))(batch, null);
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};

test('a mapping is given the rows and where they come from, and what it gives goes on', async () => {
  const seen: MappingContext[] = [];
  const map = await opened(async (rows: Rows, where: MappingContext) => {
    seen.push(where);
    return rows
      .filter((row) => row !== 1)
      .with({
        twice: rows
          .numbers('x')
          .filter((x) => x !== 2)
          .map((x) => 2 * x),
      });
  });
  expect(rowsOf(tableOf(await map(batch, 'train'), 'the test'))).toEqual([
    [1, 'Oslo', 2],
    [3, 'Rome', 6],
  ]);
  expect(seen).toEqual([{ ...context, side: 'train' }]);
});

test('where none is named, the rows go on as they are', async () => {
  const never = () => Promise.reject(new Error('no code was named'));
  const map = await openMapping({ reference: undefined, context, keepsRows: true }, never);
  expect(await map(batch, null)).toBe(batch);
});

describe('a mapping that is refused', () => {
  test.each<[string, unknown, RegExp]>([
    ['gives nothing', () => undefined, /^mine\.ts: it gave undefined for 3 rows; a mapping gives Rows/],
    ['gives an array', () => [1, 2, 3], /^mine\.ts: it gave an object for 3 rows/],
    ['is no function', { train: 1 }, /^mine\.ts: its default export is an object; wanted is a function/],
    ['is not there', undefined, /^mine\.ts: it has no default export; wanted is a function/],
    [
      'asks for a column that is not there',
      (rows: Rows) => rows.drop(['y']),
      /: there is no column "y"; did you mean x\?/,
    ],
    [
      'gives a column of another length',
      (rows: Rows) => rows.with({ y: [1] }),
      /: column y: 1 values were given for 3 rows/,
    ],
    ['throws what is no error', () => Promise.reject('enough'), /^mine\.ts: it threw enough/],
  ])('%s', async (_, mapping, message) => {
    expect(await failing(mapping)).toMatchObject({
      name: 'UserCodeFailed',
      message: expect.stringMatching(message),
    });
  });

  test('throws: the reason is kept', async () => {
    const reason = new RangeError('too far');
    const failure = await failing(() => {
      throw reason;
    });
    expect(failure).toMatchObject({
      name: 'UserCodeFailed',
      message: expect.stringContaining('RangeError: too far'),
      cause: reason,
    });
  });

  test('leaves rows out where all must stay', async () => {
    expect(await failing((rows: Rows) => rows.take([0]), true)).toMatchObject({
      name: 'UserCodeFailed',
      message: 'mine.ts: it gave 1 rows for 3; preprocess keeps every row here',
    });
  });

  test('gives other columns for one batch than for another, but for one of no rows', async () => {
    let calls = 0;
    const map = await opened((rows: Rows) => {
      calls++;
      if (calls === 2) return rows.drop(['city']).filter(() => false);
      return calls === 3 ? rows.with({ x: ['a', 'b', 'c'] }) : rows;
    });
    await map(batch, null);
    expect((await map(batch, null)).rows).toBe(0);
    await expect(map(batch, null)).rejects.toMatchObject({
      name: 'UserCodeFailed',
      message:
        'mine.ts: one batch came out with the columns x float, city string, another with x string, city string',
    });
  });
});
