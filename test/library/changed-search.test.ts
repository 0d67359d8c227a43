import { expect, test } from 'vitest';
import { keys } from '../../core/contracts/keys.ts';
import { StudyRecord } from '../../core/contracts/study.ts';
import { parseSpec } from '../../core/spec/read.ts';
import { encodeJson } from '../../core/store.ts';
import { changedSearch } from '../../library/changed-search.ts';
import { memoryStore } from '../support/memory-store.ts';
import { studyOf } from '../support/study-log.ts';

const specOf = (tune: object, name = 'flights') =>
  parseSpec({ name, table: 'a.csv', target: 'late', tune: { sampler: 'random', ...tune } });
const space = { rate: { low: 0, high: 1 }, leaves: [7, 15], drop: 0 };

test('a specification whose search is another than in its studies is told so, and what differs', async () => {
  const store = memoryStore();
  const add = async (study: string, createdAt: number, tune: object) => {
    const { trials: _, budget: __, ...rest } = studyOf(1);
    const { space: axes, points, constraints, seed } = specOf(tune).tune;
    const record = {
      ...{ ...rest, study, createdAt, seed, space: axes },
      ...(points && { points }),
      ...(constraints && { constraints }),
    };
    await store.put(keys.studyRecord(study), encodeJson(StudyRecord.parse(record)));
  };
  expect(await changedSearch(store, specOf({ space }))).toBeUndefined();
  await add('flights-000000000001', 1, { space });
  await add('flights-000000000002', 2, { space: { ...space, leaves: [7, 31] }, seed: 3 });
  await add('flights-late-000000000003', 3, { space: { x: [1, 2] } });

  expect(await changedSearch(store, specOf({ space }))).toBeUndefined();
  expect(await changedSearch(store, specOf({ space, trials: 500, lanes: 3 }))).toBeUndefined();
  expect(await changedSearch(store, specOf({ space, points: [{ rate: 0.5 }], seed: 3 }))).toBe(
    'tune.space (leaves), tune.points: not as in flights-000000000002; a new study begins, and that one stays as it is',
  );
  const { drop: _, ...fewer } = space;
  expect(await changedSearch(store, specOf({ space: { ...fewer, leaves: [7, 31], l2: 0 } }))).toContain(
    'tune.space (drop, l2), tune.seed: not as in flights-000000000002',
  );
  expect(await changedSearch(store, specOf({ space }, 'late'))).toBeUndefined();
});
