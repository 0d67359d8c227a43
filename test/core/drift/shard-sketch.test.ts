import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelProfile, ShardDrift } from '../../../core/contracts/drift.ts';
import { binsOf } from '../../../core/drift/bins.ts';
import { compare } from '../../../core/drift/compare.ts';
import { mergeDrift, ShardSketch } from '../../../core/drift/shard-sketch.ts';
import { encodeJson } from '../../../core/store.ts';
import type { Batch, Field } from '../../../core/tables/batch.ts';
import { profileOf } from '../../../core/tables/profile.ts';
import { selectColumns, sliceRows } from '../../../core/tables/slice.ts';
import { batchOf, type Value } from '../../support/tables.ts';

const fields: readonly Field[] = [
  { name: 'x', type: 'float' },
  { name: 'n', type: 'integer' },
  { name: 'when', type: 'timestamp' },
  { name: 'flag', type: 'boolean' },
  { name: 'city', type: 'string' },
];

const row = fc.tuple(
  fc.option(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Infinity, -Infinity, -0))),
  fc.option(fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n })),
  fc.option(fc.integer({ min: 0, max: 2 ** 31 })),
  fc.option(fc.boolean()),
  fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'é', '')),
);
const table = fc
  .array(row, { minLength: 1, maxLength: 60 })
  .map((rows) => batchOf(fields, rows as Value[][]));

const trainedOn = (batch: Batch): ModelProfile => ({
  dataset: 'flights-0123456789ab',
  profile: 'ab'.repeat(32),
  columns: binsOf(profileOf(batch)),
  scores: binsOf(
    profileOf(batchOf([{ name: 'probability', type: 'float' }], [[0.1], [0.2], [0.2], [0.9], [1]])),
  ),
});

/** Batches of those lengths, each of a shard of its own or of the one before. */
function sketched(batch: Batch, trained: ModelProfile, cuts: readonly number[], share: number): ShardDrift {
  const ends = [...new Set([...cuts.map((cut) => cut % (batch.rows + 1)), batch.rows])].toSorted(
    (a, b) => a - b,
  );
  const shards: ShardDrift[] = [];
  let [start, sketch] = [0, new ShardSketch({ counted: share, profiled: share / 2 }, trained)];
  for (const [at, end] of ends.entries()) {
    const part = sliceRows(batch, start, end);
    const ids = Float64Array.from({ length: part.rows }, (_, i) => start + i);
    const probability = Float32Array.from(ids, (id) => (id % 11) / 10);
    const label = BigInt64Array.from(ids, () => 1n);
    sketch.add(part, { probability, label }, 'a.csv', ids);
    start = end;
    if (at % 2 === 0 && end < batch.rows) continue;
    shards.push(sketch.done());
    sketch = new ShardSketch({ counted: share, profiled: share / 2 }, trained);
  }
  return shards.reduceRight((all, shard) => mergeDrift(shard, all));
}

const recordOf = (drift: ShardDrift, trained: ModelProfile) =>
  compare({ prediction: 'p-0123456789ab', model: 'cd'.repeat(32) }, drift, trained);

test('however the rows are cut, read and merged, what is recorded is the same to the byte', () => {
  fc.assert(
    fc.property(
      table,
      table,
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.constantFrom(1, 0.5),
      (training, batch, cuts, share) => {
        const trained = trainedOn(training);
        const whole = encodeJson(recordOf(sketched(batch, trained, [], share), trained));
        expect(encodeJson(recordOf(sketched(batch, trained, cuts, share), trained))).toEqual(whole);
      },
    ),
    { numRuns: 150 },
  );
});

test('rows of training itself have the index 0 in every column', () => {
  fc.assert(
    fc.property(table, (batch) => {
      const trained = trainedOn(batch);
      const { columns, rows } = recordOf(sketched(batch, trained, [], 1), trained);
      expect(rows).toBe(batch.rows);
      for (const { psi, level, unseen } of columns) expect([psi, level, unseen]).toEqual([0, 'stable', 0]);
    }),
  );
});

test('only floats are scores, and what they are is told without a profile of the model too', () => {
  const batch = batchOf(fields, [
    [1, 1n, 1, true, 'a'],
    [2, 2n, 2, false, null],
  ]);
  const sketch = new ShardSketch({ counted: 1, profiled: 1 }, undefined);
  const label = BigInt64Array.from([0n, 1n]);
  const both = Float32Array.from([0.1, 0.9, 0.8, 0.2]);
  sketch.add(
    selectColumns(batch, ['x', 'city']),
    { label, both, score: Float64Array.from([0.25, 0.5]) },
    'a.csv',
    Float64Array.from([0, 9]),
  );
  const drift = sketch.done();
  expect(drift).toMatchObject({ rows: 2, counts: null, inputs: 2 });
  const record = compare({ prediction: 'p-0123456789ab', model: 'cd'.repeat(32) }, drift, undefined);
  expect(record).toMatchObject({ trained: null, columns: [], scores: [], own: { rows: 2 } });
  expect(record.own.columns.map(({ name }) => name)).toEqual(['x', 'city']);
  expect(record.own.scores).toMatchObject([{ name: 'score', edges: [0.5], counts: [1, 1] }]);
});

test('a sketch of many small batches is that of one', () => {
  const rows = Array.from({ length: 400 }, (_, at): Value[] => [
    at,
    BigInt(at),
    at,
    at % 3 === 0,
    `w${at % 40}`,
  ]);
  const batch = batchOf(fields, rows);
  const trained = trainedOn(batch);
  const cuts = Array.from({ length: 400 }, (_, at) => at);
  expect(recordOf(sketched(batch, trained, cuts, 1), trained)).toEqual(
    recordOf(sketched(batch, trained, [], 1), trained),
  );
});
