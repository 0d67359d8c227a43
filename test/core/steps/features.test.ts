import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { type Side, sides } from '../../../core/contracts/names.ts';
import { Dataset } from '../../../core/contracts/records.ts';
import { digestOf } from '../../../core/digest.ts';
import { commitSplit } from '../../../core/steps/commit-split.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { mapShard } from '../../../core/steps/map-shard.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { planMap } from '../../../core/steps/plan-map.ts';
import { planSplit } from '../../../core/steps/plan-split.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../../../core/store.ts';
import { decodeArrow } from '../../../core/tables/arrow-decode.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  execution,
  fileOf,
  flights,
  putSpec,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';
import { rowsOf, type Value } from '../../support/tables.ts';
import { asNodeTellsStacks, bringSource } from '../../support/user-code.ts';

asNodeTellsStacks();

const table = flights(6000);
const mapping = (body: string) => `import { defineMapping } from 'fanfare';
export default defineMapping((rows, context) => {
  ${body}
});
`;

/** Leaves out every tenth flight, and tells whether one is long and where it begins. */
const features = mapping(`const id = rows.numbers('id');
  return rows
    .with({ long: rows.numbers('distance').map((d) => (d > 500 ? 1 : 0)), from: rows.strings('city').map((c) => c!.slice(1)) })
    .drop(['seats', 'city'])
    .filter((row) => id[row]! % 10 !== 3);`);
const fields = [
  { name: 'id', type: 'integer' },
  { name: 'distance', type: 'float' },
  { name: 'late', type: 'boolean' },
  { name: 'long', type: 'float' },
  { name: 'from', type: 'string' },
];
const wanted = rowsOf(table).flatMap(([id, distance, , city, late]): Value[][] =>
  Number(id) % 10 === 3
    ? []
    : [[Number(id), distance!, late!, Number(distance) > 500 ? 1 : 0, String(city)[1]!]],
);

const world = () => {
  const store = memoryStore();
  return { store, ports: stepPorts(store, { flights: [fileOf('csv', table)] }) };
};

/** Splits the flights with that code, and gives the manifest. */
async function split(
  source: string,
  shards = 3,
  change: object = {},
  given = world(),
): Promise<{ dataset: Dataset; store: ObjectStore }> {
  const { store, ports } = given;
  const code = await bringSource(store, source, 'features.ts');
  const spec = specOf({
    table: { path: 'flights', shards },
    split: { features: code },
    inputs: ['long'],
    ...change,
  });
  const { dataset } = await splitAll(await putSpec(store, spec), ports);
  return { store, dataset: await readObject(store, keys.datasetManifest(dataset), Dataset) };
}

async function rowsIn(store: ObjectStore, dataset: Dataset, side: Side): Promise<Value[][]> {
  const read = await Promise.all(
    dataset.partitions[side].map((partition) => readPartition(store, partition)),
  );
  const rows = read.flatMap((bytes) => decodeArrow(bytes).flatMap(rowsOf));
  return rows.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)));
}

const sidesOf = ({ store, dataset }: Awaited<ReturnType<typeof split>>) =>
  Promise.all(sides.map((side) => rowsIn(store, dataset, side)));

const byId = (rows: readonly Value[][]) => rows.toSorted(([a], [b]) => Number(a) - Number(b));

describe('features', () => {
  test('make the columns of every side, whatever the shards', async () => {
    const [few, many] = [await split(features, 3), await split(features, 30)];
    expect(few.dataset.fields).toEqual(fields);
    expect(few.dataset.rows.train).toBeGreaterThan(3000);
    expect(byId((await sidesOf(few)).flat())).toEqual(wanted);
    expect(await sidesOf(many)).toEqual(await sidesOf(few));
    expect(many.dataset.partitions.train).toHaveLength(30);
  });

  test('are named by the dataset, which is another with other code', async () => {
    const [one, same, other] = [
      await split(features),
      await split(features),
      await split(`${features}// changed`),
    ];
    expect(one.dataset.features).toMatch(/^code:[0-9a-f]{64}$/);
    expect(same.dataset.dataset).toBe(one.dataset.dataset);
    // A comment is not in the bundle; a line that does something is.
    expect(other.dataset.dataset).toBe(one.dataset.dataset);
    const changed = await split(features.replace('500', '501'));
    expect(changed.dataset.dataset).not.toBe(one.dataset.dataset);
  });

  test('do not move a row to another side: it is the table row that is assigned', async () => {
    const plain = await sidesOf(await split(mapping('return rows;'), 3, { inputs: ['seats'] }));
    const derived = await sidesOf(await split(features));
    const ids = (rows: readonly Value[][]) => rows.map(([id]) => id);
    for (const [at, side] of plain.entries()) {
      expect(ids(derived[at]!)).toEqual(ids(side).filter((id) => Number(id) % 10 !== 3));
    }
  });

  test('may make the target, and a side without rows has the columns of the others', async () => {
    const source = mapping(`return rows.with({ hit: rows.numbers('late') });`);
    const code = await bringSource(memoryStore(), source, 'features.ts');
    const { store, dataset } = await split(source, 3, {
      target: 'hit',
      inputs: ['seats'],
      split: { features: code, train: 0.5, validation: 0.5, test: 0 },
    });
    expect(dataset.rows.test).toBe(0);
    const profile = decodeJson((await store.get(keys.profile(dataset.dataset)))!.body) as Record<
      Side,
      { rows: number; columns: { name: string }[] }
    >;
    expect(profile.test).toMatchObject({ rows: 0 });
    expect(profile.test.columns.map(({ name }) => name)).toEqual(
      profile.train.columns.map(({ name }) => name),
    );
    expect(profile.train.rows).toBe(dataset.rows.train);
  });

  test.each<[string, string, string, RegExp]>([
    [
      'throw',
      `throw new Error('no ' + context.side);`,
      'UserCodeFailed',
      /features\.ts:3:\d+: Error: no train/,
    ],
    ['drop every row', 'return rows.take([]);', 'BadTable', /too few rows to be split: 0 fell to train/],
    [
      'give a column one type in a shard and another in the next',
      `return rows.with({ x: context.shard === 2 ? rows.strings('city') : rows.numbers('id') });`,
      'UserCodeFailed',
      /^shard 2 came out with the columns .*x string, but shard 0 with .*x float/,
    ],
  ])('that %s fail the split', async (_, body, name, message) => {
    await expect(split(mapping(body))).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  test('that do not make a column that the specification names fail it, and the same dataset serves a better one', async () => {
    const given = world();
    await expect(split(features, 3, { inputs: ['longer'] }, given)).rejects.toMatchObject({
      name: 'MissingInput',
      message:
        'inputs: flights after split.features has no column "longer"; did you mean long? (there are: id, distance, late, long, from)',
    });
    const code = await bringSource(given.store, features, 'features.ts');
    const better = specOf({
      table: { path: 'flights', shards: 3 },
      split: { features: code },
      inputs: ['long'],
    });
    const spec = await putSpec(given.store, better);
    const planned = (await planSplit({ spec, execution }, given.ports)) as { job: string; next: string };
    expect(planned.next).toBe('commit');
    expect(await commitSplit({ spec, job: planned.job, execution }, given.ports)).toMatchObject({ rows: {} });
  });

  test('that were not brought are refused by name', async () => {
    const { store, ports } = world();
    const code = `code:${'0'.repeat(64)}`;
    const spec = await putSpec(store, specOf({ split: { features: code } }));
    await expect(splitAll(spec, ports)).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringContaining(code),
    });
  });
});

/** Maps a dataset as the flow does. */
async function mapAll(store: ObjectStore, from: string, source: string, name = 'mapped') {
  const ports = stepPorts(store, {});
  const map = await bringSource(store, source, 'map.ts');
  const asked = { name, dataset: from, map };
  const spec = await digestOf(asked);
  await store.put(keys.spec(spec), encodeJson(asked));
  const planned = (await planMap({ spec, execution }, ports)) as {
    job: string;
    dataset: string;
    shards: string;
    next: string;
  };
  const { job } = planned;
  if (planned.next === 'shards') {
    const shards = decodeJson((await store.get(planned.shards))!.body) as readonly { shard: number }[];
    for (const { shard } of shards) await mapShard({ job, shard, execution }, ports);
  }
  await commitSplit({ spec, job, execution }, ports);
  const dataset = await readObject(store, keys.datasetManifest(planned.dataset), Dataset);
  return { store, dataset, next: planned.next };
}

describe('a map', () => {
  const double = mapping(
    `return rows.with({ twice: rows.numbers('distance').map((d) => 2 * d) }).drop(['from']);`,
  );

  test('of a dataset is a dataset, every row on its side, in its order', async () => {
    const from = await split(features);
    const mapped = await mapAll(from.store, from.dataset.dataset, double);
    const doubled = (await sidesOf(from)).map((rows) =>
      rows.map(([id, distance, late, long]) => [id, distance, late, long, 2 * Number(distance)]),
    );
    expect(await sidesOf(mapped)).toEqual(doubled);
    expect(mapped.dataset).toMatchObject({
      rows: from.dataset.rows,
      table: from.dataset.table,
      mapped: { from: from.dataset.dataset },
    });
    expect(mapped.dataset.dataset).toMatch(/^mapped-/);
    const profile = decodeJson((await from.store.get(keys.profile(mapped.dataset.dataset)))!.body) as Record<
      Side,
      { rows: number }
    >;
    expect(profile.train.rows).toBe(from.dataset.rows.train);
  });

  test('is done once, and again with other code', async () => {
    const { store, dataset } = await split(features);
    const first = await mapAll(store, dataset.dataset, double);
    const second = await mapAll(store, dataset.dataset, double);
    expect(second.dataset).toEqual(first.dataset);
    expect([first.next, second.next]).toEqual(['shards', 'commit']);
    const other = await mapAll(store, dataset.dataset, double.replace('2 * d', '3 * d'));
    expect(other.dataset.dataset).not.toBe(first.dataset.dataset);
  });

  test('may be mapped again, and may leave out or repeat rows', async () => {
    const { store, dataset } = await split(features);
    const first = await mapAll(store, dataset.dataset, double);
    const source = mapping(`return context.side === 'test' ? rows.take([]) : rows.take([0, 0, 1]);`);
    const second = await mapAll(store, first.dataset.dataset, source, 'thrice');
    const [train] = await sidesOf(first);
    const [repeated, , tested] = await sidesOf(second);
    expect(repeated!.slice(0, 3)).toEqual([train![0], train![0], train![1]]);
    expect(tested).toEqual([]);
    expect(second.dataset).toMatchObject({
      rows: { train: 9, validation: 9, test: 0 },
      mapped: { from: first.dataset.dataset },
    });
  });

  test.each<[string, string, string, RegExp]>([
    ['leaves no row', 'return rows.take([]);', 'BadTable', /no row was left: the map dropped them all/],
    ['throws', 'throw new Error(context.stage);', 'UserCodeFailed', /map\.ts:3:\d+: Error: map/],
  ])('that %s fails', async (_, body, name, message) => {
    const { store, dataset } = await split(features);
    await expect(mapAll(store, dataset.dataset, mapping(body))).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  test('of a dataset that is not there, or whose partition was altered, is refused', async () => {
    const { store, dataset } = await split(features);
    await expect(mapAll(store, 'other-0123456789ab', double)).rejects.toMatchObject({
      name: 'MissingInput',
      message: 'there is no dataset other-0123456789ab here',
    });
    const { key } = dataset.partitions.train[0]!;
    const { body } = (await store.get(key))!;
    await store.put(key, body.with(body.length >> 1, body.at(body.length >> 1)! ^ 1));
    await expect(mapAll(store, dataset.dataset, double)).rejects.toMatchObject({
      name: 'StoreFailed',
      message: expect.stringContaining(`${key} is changed`),
    });
  });
});
