import { expect, test } from 'vitest';
import type { ObjectStore } from '../../../core/store.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { contentOf, copyOf, crashingStore } from '../../support/crashing-store.ts';
import { echoRows, echoTable, echoWorld } from '../../support/echo-world.ts';
import { memoryStore } from '../../support/memory-store.ts';

const text = new TextDecoder().decode(encodeTable('csv', [echoTable(echoRows(40))]));
const source = byteSource(text.replace(/^7,1.75/m, '7,far').replace(/^33,8.25/m, '33,far'), 'new.csv');
const by = { partition_by: 'b', keep: ['id'] };

/** Runs the whole job with a crash at each of its writes, before and after it, and then again. */
async function crashAnywhere(
  before: ObjectStore,
  run: (store: ObjectStore) => Promise<unknown>,
): Promise<void> {
  const calm = crashingStore(await copyOf(before));
  await run(calm);
  const content = await contentOf(calm);
  for (let write = 1; write <= calm.writes.length; write++) {
    for (const when of ['before', 'after'] as const) {
      // Some are written side by side: which one it is differs.
      const at = `${when} write ${write}`;
      const store = await copyOf(before);
      await expect(run(crashingStore(store, { write, when })), at).rejects.toThrow(`crashed ${when}`);
      await run(store);
      expect(await contentOf(store), at).toEqual(content);
    }
  }
}

test('a prediction in folders, with rejects, comes to the same objects wherever it crashed', () =>
  crashAnywhere(memoryStore(), async (store) => (await echoWorld(store)).predict(source, by, { shards: 2 })));

test('so does a retry of what it rejected, which leaves the prediction alone', async () => {
  const { store, predict } = await echoWorld();
  const { prediction } = await predict(source, by, { shards: 2 });
  const parent = await contentOf(store);
  const columns = { id: 'integer', x: 'float', n: 'integer', k: 'integer', b: 'boolean', s: 'string' };
  const retry = async (on: ObjectStore) =>
    (await echoWorld(on)).predict(source, { ...by, rejects: { prediction } }, { columns });
  await crashAnywhere(store, retry);
  await retry(store);
  expect(await contentOf(store)).toMatchObject(parent);
  const done = await contentOf(store);
  await retry(store);
  expect(await contentOf(store)).toEqual(done);
});
