import { describe, expect, test } from 'vitest';
import type { FieldType } from '../../../core/tables/batch.ts';
import { planShards } from '../../../core/tables/plan.ts';
import { readShard } from '../../../core/tables/read.ts';
import type { Schema } from '../../../core/tables/shard.ts';
import { drawsOf, type Identity } from '../../../core/tables/sides.ts';
import { endsOf, partsOf, placesAmong } from '../../../core/tables/split-parts.ts';
import { byteSource } from '../../support/byte-source.ts';
import { batchOf, type Value } from '../../support/tables.ts';

const fractions = { train: 0.7, validation: 0.15, test: 0.15 };

function assignSides(identity: Identity, shares: typeof fractions, seed: number): Uint8Array {
  const parts = partsOf({ by: 'hash', ...shares });
  const ends = endsOf(parts);
  return placesAmong(drawsOf(identity, seed), () => ends);
}

const byPlace = (object: string, ids: readonly number[], seed: number) => [
  ...assignSides({ kind: 'place', object, rowIds: Float64Array.from(ids) }, fractions, seed),
];

const byKey = (type: FieldType, keys: readonly Value[], rowIds: readonly number[], seed = 7) => {
  const key = batchOf(
    [{ name: 'key', type }],
    keys.map((value) => [value]),
  ).columns[0]!;
  return [
    ...assignSides({ kind: 'key', key, object: 'a.csv', rowIds: Float64Array.from(rowIds) }, fractions, seed),
  ];
};

describe("a row's side", () => {
  /** Computed with the same definition in Python, with unbounded integers. */
  test('does not change between versions: what was split stays split', () => {
    const ids = [0, 1, 2, 3, 17, 4096, 2 ** 31, 2 ** 32 + 5, 1e12, 2 ** 53 - 1];
    expect(byPlace('a.csv', ids, 0)).toEqual([0, 1, 0, 0, 0, 0, 1, 2, 0, 0]);
    expect(byPlace('dir/日本.parquet', ids, 42)).toEqual([1, 2, 2, 1, 2, 1, 0, 2, 0, 0]);
    expect(byPlace('a.csv', ids, -1)).toEqual([0, 0, 0, 0, 1, 1, 0, 0, 1, 2]);
    const keys = ['ATL', 'LAS', 'MCI', '', 'é', '123', 'true', '2001-01-01', '0.5'];
    expect(
      byKey(
        'string',
        keys,
        keys.map((_, i) => i),
      ),
    ).toEqual([0, 0, 0, 0, 0, 1, 0, 2, 0]);
  });

  test("is its key's, whatever the type that the key was read as, and its place's where the key is missing", () => {
    expect(byKey('integer', [123n, 123n], [0, 1])).toEqual([1, 1]);
    expect(byKey('timestamp', [Date.UTC(2001, 0, 1)], [0])).toEqual([2]);
    expect(byKey('float', [0.5], [0])).toEqual([0]);
    const ids = Array.from({ length: 200 }, (_, i) => i);
    expect(
      byKey(
        'string',
        ids.map(() => null),
        ids,
      ),
    ).toEqual(byPlace('a.csv', ids, 7));
  });

  test('is the same however the table is cut into shards', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `"${i % 7 === 0 ? 'a\nb' : 'c'}",${i}`);
    const source = byteSource(`s,i\n${rows.join('\n')}\n`);
    const schema: Schema = {
      fields: [
        { name: 's', type: 'string' },
        { name: 'i', type: 'integer' },
      ],
    };
    const sidesIn = async (shards: number) => {
      const all: number[] = [];
      for (const shard of await planShards([source], 'csv', schema, { targetBytes: 1, shards })) {
        for await (const { rowIds } of readShard(source, shard, schema))
          all.push(...byPlace(source.name, [...rowIds], 3));
      }
      return all;
    };
    const whole = await sidesIn(1);
    expect(whole.length).toBe(400);
    expect(await sidesIn(3)).toEqual(whole);
    expect(await sidesIn(30)).toEqual(whole);
  });

  /**
   * Chi-square over 1000 cells: of independent drawings it is above 1168 once in 10,000 times (the 99.99th percentile at
   * 999 degrees of freedom); here neighbouring triples overlap, which spreads it wider.
   */
  test('is drawn evenly and independently, for consecutive ids, byte offsets and seeds alike', () => {
    const n = 10_000;
    const patterns: Record<string, (i: number) => readonly [id: number, seed: number]> = {
      consecutive: (i) => [i, 1],
      'byte offsets': (i) => [i * 48 + 17, 2],
      'far offsets': (i) => [2 ** 40 + i * 4096, 3],
      seeds: (i) => [5, i],
    };
    for (const [name, pattern] of Object.entries(patterns)) {
      const cells = new Float64Array(1000);
      const draw = (i: number, level: number) => {
        const [id, seed] = pattern(i);
        const share = level / 10;
        return (
          assignSides(
            { kind: 'place', object: 'x', rowIds: Float64Array.of(id) },
            { train: share, validation: 0, test: 1 - share },
            seed,
          )[0] === 0
        );
      };
      const tenthOf = (i: number) => {
        let low = 0;
        let high = 10;
        while (high - low > 1) {
          const middle = (low + high) >> 1;
          if (draw(i, middle)) high = middle;
          else low = middle;
        }
        return low;
      };
      // Three neighbours make a cell, so that dependence between neighbours shows too.
      const tenths = Array.from({ length: n }, (_, i) => tenthOf(i));
      for (let i = 0; i + 2 < tenths.length; i++)
        cells[tenths[i]! * 100 + tenths[i + 1]! * 10 + tenths[i + 2]!]!++;
      const expected = (tenths.length - 2) / 1000;
      const chiSquare = cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      expect([name, chiSquare < 1300]).toEqual([name, true]);
    }
  });
});
