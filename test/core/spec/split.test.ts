import { describe, expect, test } from 'vitest';
import { parseSpec } from '../../../core/spec/read.ts';

const spec = (change: object) =>
  parseSpec({ name: 'a', table: 'a.csv', target: 'y', tune: { space: {} }, ...change });

describe('a split', () => {
  test('into folds has no validation side; what is not for the test is for training', () => {
    expect(spec({ split: { folds: 5 } }).split).toMatchObject({ folds: 5, train: 0.85, validation: 0 });
    expect(spec({ split: { folds: 5, test: 0.2 } }).split).toMatchObject({ train: 0.8, test: 0.2 });
    expect(spec({ split: { folds: 3, test: 0 } }).split).toMatchObject({ train: 1, test: 0 });
  });

  test('is read again from what was read', () => {
    const once = spec({ split: { folds: 7 }, columns: { id: 'a', ignore: ['b'] } });
    expect(parseSpec(once)).toEqual(once);
  });

  test.each([
    [{ split: { folds: 5, validation: 0.1, train: 0.75 } }, /leave validation out \(given: 0\.1\)/],
    [{ split: { folds: 1 } }, /split\.folds/],
    [{ split: { train: 1, validation: 0, test: 0 } }, /train and validation must both be above 0/],
    [{ split: { folds: 2, test: 1 } }, /train must be above 0/],
    [{ split: { key: 'customer' } }, /split: what keeps rows together is called columns\.group/],
    [{ columns: { id: 'a', ignore: ['a'] } }, /columns\.ignore: column "a" cannot be both id and ignore/],
    [{ split: { by: 'time' } }, /split\.by: a split by time goes by a column: write columns: \{ time: … \}/],
    [
      { split: { by: 'time' }, columns: { time: 't', group: 'g' } },
      /rows of one g .* may be of several times/,
    ],
    [{ split: { by: 'stratified' }, columns: { group: 'g' } }, /rows of one g .* may hold several classes/],
    [{ columns: { time: 'y' } }, /columns\.time: column "y" is the target/],
    [{ columns: { wieght: 'a' } }, /unknown key "wieght"; did you mean weight/],
  ])('that cannot be meant is refused: %j', (change, message) => {
    expect(() => spec(change)).toThrow(message);
  });
});
