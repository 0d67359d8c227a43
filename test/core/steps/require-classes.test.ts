import { expect, test } from 'vitest';
import { byteSource } from '../../support/byte-source.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { prepare, putSpec, specOf, splitAll, stepPorts } from '../../support/step-world.ts';

/** Prepares a study of `t,x,y`: as many rows as there are targets, in the order of the times. */
async function prepared(targets: readonly string[], change: object): Promise<string> {
  const store = memoryStore();
  const lines = targets.map((y, row) => `${row},${row % 7},${y}`);
  const ports = stepPorts(store, { table: [byteSource(`t,x,y\n${lines.join('\n')}\n`, 'table.csv')] });
  const table = { path: 'table', shards: 2 };
  const digest = await putSpec(
    store,
    specOf({ table, target: 'y', inputs: ['x'], columns: { time: 't' }, ...change }),
  );
  const { dataset } = await splitAll(digest, ports);
  return prepare(digest, dataset, ports);
}

const times = (count: number, late: (row: number) => boolean) =>
  Array.from({ length: count }, (_, row) => (late(row) ? 'late' : 'soon'));

test('a fold of one class alone is refused before anything is trained, with what to do', async () => {
  // Of 400 rows 80 test, and each part has 80: nothing was late from the 160th to the 240th, which is fold 1.
  const split = { by: 'time', folds: 3, test: 0.2 };
  const targets = times(400, (row) => row % 2 === 0 && (row < 160 || row >= 240));
  await expect(prepared(targets, { split })).rejects.toMatchObject({
    name: 'BadTable',
    message:
      'table: fold 1 of 3 has only rows of "soon" of the target y, and two classes are needed; split: { by: stratified } puts rows of each class into each part',
  });
  expect(
    await prepared(
      times(400, (row) => row % 2 === 0),
      { split },
    ),
  ).toMatch(/^late-/);
});

test('so are rows to learn from of one class alone, or of none', async () => {
  const split = { by: 'time', folds: 3, test: 0.2 };
  await expect(
    prepared(
      times(400, (row) => row >= 80 && row % 2 === 0),
      { split },
    ),
  ).rejects.toThrow('what fold 0 of 3 learns from has only rows of "soon"');
  const missing = times(400, (row) => row % 2 === 0).map((y, row) => (row >= 280 && row < 340 ? '' : y));
  await expect(prepared(missing, { split: { by: 'time' } })).rejects.toThrow(
    'the validation side has no row with a value of the target y',
  );
});
