import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileStore } from '../../adapters/files/file-store.ts';
import { openDataset } from '../../library/dataset.ts';
import { fileOf, flights, putSpec, specOf, splitAll, stepPorts } from '../support/step-world.ts';
import { rowsOf } from '../support/tables.ts';

const table = flights(900);
const cityOf = rowsOf(table).map((row) => row[3]);

let home: string;
let id: string;
const folder = () => join(home, 'store/datasets', id);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'fanfare-library-'));
  const store = fileStore(join(home, 'store'));
  const ports = stepPorts(store, { flights: [fileOf('csv', table)] });
  ({ dataset: id } = await splitAll(await putSpec(store, specOf()), ports));
});

afterAll(() => rm(home, { recursive: true }));

test('a dataset gives every row once, by side and partition, in typed columns', async () => {
  const dataset = await openDataset(folder());
  expect(dataset.id).toBe(id);
  expect(dataset.fields).toEqual(table.fields);
  const ids: number[] = [];
  const counts = { train: 0, validation: 0, test: 0 };
  const places: string[] = [];
  for await (const { side, index, rows } of dataset.partitions()) {
    places.push(`${side} ${index}`);
    counts[side] += rows.count;
    const cities = rows.strings('city');
    for (const [row, flight] of rows.numbers('id').entries()) {
      ids.push(flight);
      expect(cities[row]).toBe(cityOf[flight]);
    }
  }
  expect(places).toEqual(
    ['train', 'validation', 'test'].flatMap((side) => [0, 1, 2].map((at) => `${side} ${at}`)),
  );
  expect(counts).toEqual(dataset.rows);
  expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 900 }, (_, flight) => flight));
});

test('one side alone can be read, by the id of the dataset in its home', async () => {
  const dataset = await openDataset(id, { home });
  let count = 0;
  for await (const { side, rows } of dataset.partitions('test')) {
    expect(side).toBe('test');
    count += rows.count;
  }
  expect(count).toBe(dataset.rows.test);
});

test('what is no dataset is named', async () => {
  await expect(openDataset(join(home, 'store'))).rejects.toMatchObject({
    name: 'MissingInput',
    message: expect.stringContaining('there is no dataset'),
  });
  await expect(openDataset('late-0123456789ab', { home })).rejects.toMatchObject({ name: 'MissingInput' });
});

test('a partition that was altered is not read', async () => {
  const file = join(folder(), 'validation/00001.arrow');
  const bytes = await readFile(file);
  await writeFile(file, bytes.with(bytes.length >> 1, bytes.at(bytes.length >> 1)! ^ 1));
  const dataset = await openDataset(folder());
  const read = async () => {
    for await (const { rows } of dataset.partitions('validation')) expect(rows.count).toBeGreaterThan(0);
  };
  await expect(read()).rejects.toMatchObject({
    name: 'StoreFailed',
    message: expect.stringContaining('validation/00001.arrow is changed'),
  });
});
