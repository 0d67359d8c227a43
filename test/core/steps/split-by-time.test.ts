import { describe, expect, test } from 'vitest';
import { byteSource } from '../../support/byte-source.ts';
import { countsOf, splitTable } from '../../support/split-world.ts';
import { chance } from '../training/tables.ts';

const columns = { time: 'at' };
const inputs = ['x'];
const byTime = { by: 'time' };
/** Of tables in the order of a coin, as `at,x,late`. */
const csv = (times: readonly string[]) =>
  byteSource(
    `at,x,late\n${times.map((time, row) => `${time},${row % 7},${row % 2}`).join('\n')}\n`,
    'table.csv',
  );

const next = chance(3);
/** Five thousand times of two days, to the millisecond; a few twice. */
const millis = Array.from({ length: 5000 }, () => Date.UTC(2026, 0, 1) + Math.floor(next() * 172_800_000));
const iso = (time: number) => new Date(time).toISOString();

const timesOf = (rows: readonly (readonly unknown[])[] | undefined) =>
  (rows ?? []).map(([time]) => Number(time));

describe('a split by time', () => {
  test('puts the earliest into train and the latest into test, in exact shares, in 3 shards and in 30', async () => {
    const file = csv(millis.map(iso));
    const [few, many] = [
      await splitTable(file, { split: byTime, columns, inputs }, 3),
      await splitTable(file, { split: byTime, columns, inputs }, 30),
    ];
    expect(many.parts).toEqual(few.parts);
    const sorted = millis.toSorted((a, b) => a - b);
    // The border is the time at that rank; what is equal to it comes after.
    const earlier = (time: number) => sorted.filter((each) => each < time).length;
    const [first, second] = [earlier(sorted[3500]!), earlier(sorted[4250]!)];
    expect(countsOf(few)).toEqual({ train: first, validation: second - first, test: 5000 - second });
    expect(timesOf(few.parts.train).toSorted((a, b) => a - b)).toEqual(sorted.slice(0, first));
    expect(timesOf(few.parts.test).toSorted((a, b) => a - b)).toEqual(sorted.slice(second));
  });

  test('keeps rows of one day together', async () => {
    const days = Array.from(
      { length: 100 },
      (_, row) => `2026-03-${String(1 + (row % 10)).padStart(2, '0')}`,
    );
    // Ten days of ten rows: the 70th row, and the 85th within the ninth day.
    const { parts } = await splitTable(csv(days), { split: byTime, columns, inputs }, 4);
    const daysIn = (part: string) => [
      ...new Set(timesOf(parts[part]).map((time) => new Date(time).getUTCDate())),
    ];
    expect(daysIn('train').toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(daysIn('validation')).toEqual([8]);
    expect(daysIn('test').toSorted((a, b) => a - b)).toEqual([9, 10]);
  });

  test('into folds keeps the first rows for all of them to learn from, and says that they are ordered', async () => {
    const { parts, dataset } = await splitTable(
      csv(Array.from({ length: 1000 }, (_, row) => String((row * 371) % 1000))),
      { split: { by: 'time', folds: 3, test: 0.2 }, columns, inputs },
      5,
    );
    expect(dataset.folds).toEqual({ count: 3, ordered: true });
    const ranges = Object.entries(parts).map(([part, rows]) => {
      const times = timesOf(rows);
      return [part, Math.min(...times), Math.max(...times)];
    });
    expect(ranges.toSorted()).toEqual([
      ['fold 0', 200, 399],
      ['fold 1', 400, 599],
      ['fold 2', 600, 799],
      ['test', 800, 999],
      ['train', 0, 199],
    ]);
  });

  test('is refused where a row has no time, with their number', async () => {
    const file = csv(['2026-01-01', '', '2026-01-02', '', '2026-01-03', '2026-01-04']);
    await expect(splitTable(file, { split: byTime, columns, inputs }, 2)).rejects.toMatchObject({
      name: 'BadTable',
      message: expect.stringContaining('table: 2 of 6 rows have no at (columns.time)'),
    });
  });

  test('is refused where there are too few times to part', async () => {
    const file = csv(['2026-01-01', '2026-01-01', '2026-01-01', '2026-01-02', '2026-01-02']);
    await expect(splitTable(file, { split: byTime, columns, inputs }, 1)).rejects.toMatchObject({
      name: 'BadTable',
      message: expect.stringContaining('too few values of at to be split'),
    });
  });

  test('is refused by a column of texts, or one that is not there', async () => {
    const file = csv(['January', 'May', 'June', 'July']);
    await expect(splitTable(file, { split: byTime, columns, inputs }, 1)).rejects.toThrow(
      'columns.time: column at of table holds string values, and only times and numbers have an order',
    );
    const other = { split: byTime, columns: { time: 'when' }, inputs };
    await expect(splitTable(file, other, 1)).rejects.toThrow('columns.time: table has no column "when"');
  });
});
