import { describe, expect, test } from 'vitest';
import { estimateRows, sampleOf, sampleRows } from '../../../core/drift/sample.ts';
import { planShards } from '../../../core/tables/plan.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import type { byteSource } from '../../support/byte-source.ts';
import { fileOf, flights } from '../../support/step-world.ts';

const ids = (count: number, from = 0, step = 1) =>
  Float64Array.from({ length: count }, (_, at) => from + step * at);

describe('the rows that are looked at', () => {
  test('are all of a small table, and about so many of a large one', () => {
    expect(sampleOf(1000)).toEqual({ counted: 1, profiled: 1 });
    expect(sampleOf(0)).toEqual({ counted: 1, profiled: 1 });
    expect(sampleOf(10_000_000)).toEqual({ counted: 0.005, profiled: 0.0001 });
    const all = sampleRows('a.csv', ids(1000), sampleOf(1000));
    expect([...all.counted]).toEqual([...ids(1000)]);
    expect([...all.profiled]).toEqual([...ids(1000)]);
  });

  test.each([
    ['rows that follow each other', 1, 0],
    ['byte offsets', 97, 0],
    ['offsets beyond 4 GiB', 97, 2 ** 33],
  ])('are that share of %s', (_, step, from) => {
    const { counted, profiled } = sampleRows('a.csv', ids(1_000_000, from, step), {
      counted: 0.05,
      profiled: 0.005,
    });
    // Six standard deviations of a binomial.
    expect(Math.abs(counted.length - 50_000)).toBeLessThan(6 * Math.sqrt(47_500));
    expect(Math.abs(profiled.length - 5000)).toBeLessThan(6 * Math.sqrt(4975));
    const some = new Set(counted);
    expect(profiled.every((row) => some.has(row))).toBe(true);
  });

  test('depend on the object and the row alone, not on what is read with it', () => {
    const sample = { counted: 0.1, profiled: 0.01 };
    const whole = [...sampleRows('a.csv', ids(5000), sample).counted];
    const parts = [0, 1234, 4000].flatMap((from, at) => {
      const { counted } = sampleRows('a.csv', ids([1234, 2766, 1000][at]!, from), sample);
      return Array.from(counted, (row) => from + row);
    });
    expect(parts).toEqual(whole);
    const other = [...sampleRows('b.csv', ids(5000), sample).counted];
    expect(other.filter((row) => whole.includes(row)).length).toBeLessThan(120);
  });
});

test.each([0, 2 ** 31 - 500, 2 ** 32 - 500, 2 ** 40])(
  'rows from %i on are drawn alike with all and with some of their neighbours',
  (from) => {
    const sample = { counted: 0.3, profiled: 0.1 };
    const drawn = (rowIds: Float64Array) => {
      const { counted, profiled } = sampleRows('a.parquet', rowIds, sample);
      return [counted, profiled].map((rows) => Array.from(rows, (row) => rowIds[row]!));
    };
    const all = ids(1000, from);
    const isKept = (id: number) => id % 3 !== 0;
    expect(drawn(all.filter(isKept))).toEqual(drawn(all).map((rows) => rows.filter(isKept)));
  },
);

describe('how many rows a table has', () => {
  const estimate = async (
    source: ReturnType<typeof byteSource>,
    format: 'csv' | 'parquet' | 'arrow' | 'ndjson',
  ) => {
    const schema = await inferSchema([source], format);
    return estimateRows(
      [source],
      schema,
      await planShards([source], format, schema, { targetBytes: 2 ** 14 }),
    );
  };

  test('is told by a Parquet file', async () => {
    expect(await estimate(fileOf('parquet', flights(3000)), 'parquet')).toBe(3000);
  });

  test.each(['csv', 'ndjson'] as const)('is estimated by the first lines of %s', async (format) => {
    expect(Math.abs((await estimate(fileOf(format, flights(9000)), format)) / 9000 - 1)).toBeLessThan(0.05);
  });

  test('is guessed of an Arrow file', async () => {
    const guess = await estimate(fileOf('arrow', flights(9000)), 'arrow');
    expect(guess).toBeGreaterThan(3000);
    expect(guess).toBeLessThan(27_000);
  });
});
