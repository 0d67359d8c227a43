import { expect, test } from 'vitest';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { echoRows, echoTable, echoWorld } from '../../support/echo-world.ts';

const source = byteSource(encodeTable('csv', [echoTable(echoRows(60))]), 'new.csv');
const world = await echoWorld();

test('rows go to the folder of their value, in their order, a file a shard', async () => {
  const manifest = await world.predict(source, { partition_by: 'b', keep: ['id'] }, { shards: 3 });
  expect(manifest).toMatchObject({
    predicted: 60,
    fields: [
      { name: 'id', type: 'integer' },
      { name: 'y', type: 'float' },
    ],
    partitionBy: { name: 'b', type: 'boolean' },
  });
  const folder = `predictions/${manifest.prediction}/`;
  expect(manifest.parts.map(({ key, value }) => [key, value]).slice(0, 4)).toEqual([
    [`${folder}b=true/part-00000.ndjson`, 'true'],
    [`${folder}b=false/part-00000.ndjson`, 'false'],
    [`${folder}b=true/part-00001.ndjson`, 'true'],
    [`${folder}b=false/part-00001.ndjson`, 'false'],
  ]);
  const ids = async (value: string) =>
    (await world.rows({ ...manifest, parts: manifest.parts.filter((part) => part.value === value) })).map(
      ({ id }) => id,
    );
  const all = Array.from({ length: 60 }, (_, id) => id);
  expect(await ids('true')).toEqual(all.filter((id) => id % 3 === 0));
  expect(await ids('false')).toEqual(all.filter((id) => id % 3 !== 0));
  expect((await world.rows(manifest)).every((row) => !('b' in row))).toBe(true);
});

test('an output of the model can name the folders', async () => {
  const manifest = await world.predict(source, { partition_by: 'y', keep: ['id'] });
  expect(manifest.parts).toHaveLength(60);
  expect(manifest.parts[1]).toMatchObject({ value: '0.25', rows: 1, from: { file: source.uri, row: 1 } });
});

test('a column that nothing gives is named before any row is read', async () => {
  await expect(world.predict(source, { partition_by: 'bb', keep: ['id', 'b'] })).rejects.toMatchObject({
    name: 'MissingInput',
    message: 'predict.partition_by: the output has no column "bb"; did you mean b? (there are: id, b, y)',
  });
});

test('what an earlier attempt left in a folder is removed when the job is committed', async () => {
  const first = await world.predict(source, { partition_by: 'b', keep: ['id', 'x'] });
  const folder = `predictions/${first.prediction}/`;
  await world.store.delete(`${folder}manifest.json`);
  await world.store.put(`${folder}b=true/part-00009.ndjson`, new Uint8Array(3));
  await world.predict(source, { partition_by: 'b', keep: ['id', 'x'] });
  expect(await world.store.head(`${folder}b=true/part-00009.ndjson`)).toBeUndefined();
  expect(await world.store.head(`${folder}b=true/part-00000.ndjson`)).toBeDefined();
});
