import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset, type Partition } from '../../../core/contracts/records.ts';
import { readPartition } from '../../../core/steps/job.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { planSplit } from '../../../core/steps/plan-split.ts';
import { splitShard } from '../../../core/steps/split-shard.ts';
import type { ByteSource, ObjectStore } from '../../../core/store.ts';
import { decodeArrow } from '../../../core/tables/arrow-decode.ts';
import type { TableFormat } from '../../../core/tables/format.ts';
import { byteSource } from '../../support/byte-source.ts';
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
import { rowsOf } from '../../support/tables.ts';

const count = 10_000;
const table = flights(count);

/** As `encodeTable`, in row groups of 250, so that it can be cut. */
function parquetInGroups(): ByteSource {
  const rows = rowsOf(table);
  const types = ['INT64', 'DOUBLE', 'INT64', 'STRING', 'BOOLEAN'] as const;
  const columnData = table.fields.map(({ name }, at) => ({
    ...{ name, type: types[at]! },
    data: rows.map((row) => row[at]!),
  }));
  return byteSource(new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 250 })), 'flights.parquet');
}

const fileIn = (format: TableFormat) => (format === 'parquet' ? parquetInGroups() : fileOf(format, table));

async function idsOf(store: ObjectStore, partitions: readonly Partition[]): Promise<number[]> {
  const ids: number[] = [];
  for (const partition of partitions) {
    for (const batch of decodeArrow(await readPartition(store, partition)))
      ids.push(...rowsOf(batch).map(([id]) => Number(id)));
  }
  return ids;
}

/** The ids on each side, in the dataset's order, and the number of shards that wrote them. */
async function splitIn(format: TableFormat, shards: number, change: object = {}) {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [fileIn(format)] });
  const spec = await putSpec(store, specOf({ table: { path: 'flights', shards }, ...change }));
  const { dataset, job } = await splitAll(spec, ports);
  const { partitions, rows } = await readObject(store, keys.datasetManifest(dataset), Dataset);
  const ids = {
    train: await idsOf(store, partitions.train),
    validation: await idsOf(store, partitions.validation),
    test: await idsOf(store, partitions.test),
  };
  const receipts: string[] = [];
  for await (const { key } of store.list(keys.receipts(job))) receipts.push(key);
  return { ids, rows, written: receipts.length, profile: (await store.get(keys.profile(dataset)))!.body };
}

const formats = ['parquet', 'csv', 'ndjson'] as const;

describe.each(formats)('a split of %s', (format) => {
  test('gives each side the same rows in 3 shards and in 30, and every row once', async () => {
    const [few, many] = [await splitIn(format, 3), await splitIn(format, 30)];
    expect(few.written).toBe(3);
    // Parquet is cut between row groups, so that 30 is about what it comes to.
    expect(many.written).toBeGreaterThan(24);
    expect(many.ids).toEqual(few.ids);
    const { train, validation, test: tested } = few.ids;
    const all = [...train, ...validation, ...tested].toSorted((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: count }, (_, id) => id));
    expect(few.rows).toEqual({
      ...{ train: train.length, validation: validation.length, test: tested.length },
    });
    // 70, 15 and 15 % of 10,000, within five standard deviations.
    expect(Math.abs(train.length - 7000)).toBeLessThan(230);
    expect(Math.abs(validation.length - 1500)).toBeLessThan(179);
    expect(train).toEqual(train.toSorted((a, b) => a - b));
  });

  test('gives each side other rows by another seed', async () => {
    const [one, other] = [await splitIn(format, 3), await splitIn(format, 3, { split: { seed: 1 } })];
    expect(other.ids.test).not.toEqual(one.ids.test);
  });
});

const halves = { train: 0.5, validation: 0.25, test: 0.25 };

test('a split by id gives the same rows in every format and number of shards', async () => {
  const first = await splitIn('csv', 1, { split: halves, columns: { id: 'id' } });
  for (const format of formats) {
    for (const shards of [3, 30]) {
      const other = await splitIn(format, shards, { split: halves, columns: { id: 'id' } });
      expect(other.ids).toEqual(first.ids);
    }
  }
});

test('a group keeps its rows together, whatever their ids', async () => {
  const { ids } = await splitIn('csv', 5, { split: halves, columns: { id: 'id', group: 'seats' } });
  const seatsOf = new Map(rowsOf(table).map(([id, , seats]) => [Number(id), seats]));
  const values = Object.values(ids).map((side) => new Set(side.map((id) => seatsOf.get(id))));
  expect(values.reduce((sum, { size }) => sum + size, 0)).toBe(300);
});

test('the merged profile counts the rows of each side, whatever the shards', async () => {
  const [few, many] = [await splitIn('csv', 3), await splitIn('csv', 30)];
  const rowsIn = (bytes: Uint8Array) => {
    const profile = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, { rows: number }>;
    return Object.fromEntries(Object.entries(profile).map(([side, { rows }]) => [side, rows]));
  };
  expect(rowsIn(few.profile)).toEqual(few.rows);
  expect(rowsIn(many.profile)).toEqual(few.rows);
});

describe('a shard', () => {
  test('with a row that cannot be read is refused with the row and the column', async () => {
    const text = 'id,distance,seats,city,late\n0,1.5,3,C1,true\n1,far,3,C2,false\n';
    const store = memoryStore();
    const ports = stepPorts(store, { flights: [byteSource(text)] });
    const columns = { distance: 'float' };
    const spec = await putSpec(store, specOf({ table: { path: 'flights', shards: 1, columns } }));
    const { job } = (await planSplit({ spec, execution }, ports)) as { job: string };
    // The header has 28 bytes, the row after it 16.
    await expect(splitShard({ job, shard: 0, execution }, ports)).rejects.toMatchObject({
      name: 'BadTable',
      message: expect.stringMatching(/table\.csv, row at byte 44: column distance: .*far/),
    });
  });

  test('whose file went away after the plan is refused', async () => {
    const store = memoryStore();
    const spec = await putSpec(store, specOf());
    const ports = stepPorts(store, { flights: [fileOf('csv', table)] });
    const { job } = (await planSplit({ spec, execution }, ports)) as { job: string };
    await expect(
      splitShard({ job, shard: 0, execution }, stepPorts(store, { flights: [] })),
    ).rejects.toMatchObject({ name: 'MissingInput' });
  });
});
