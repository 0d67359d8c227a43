import { beforeAll, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { Dataset } from '../../../core/contracts/records.ts';
import type { Study } from '../../../core/contracts/study.ts';
import { readStudy } from '../../../core/search/study-folder.ts';
import { modelData } from '../../../core/steps/model-data.ts';
import { readObject } from '../../../core/steps/objects.ts';
import { scoreValidation } from '../../../core/steps/validate.ts';
import type { ObjectStore } from '../../../core/store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  askAs,
  fileOf,
  flights,
  prepare,
  putSpec,
  specOf,
  splitAll,
  stepPorts,
  trainOnce,
} from '../../support/step-world.ts';

let store: ObjectStore;
let study: Study;
let dataset: Dataset;
let file: Uint8Array;

beforeAll(async () => {
  store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', flights(3000))] });
  const spec = await putSpec(store, specOf());
  const split = await splitAll(spec, ports);
  const id = await prepare(spec, split.dataset, ports);
  const { claim } = await askAs(id, 0, ports);
  const { outcome } = await trainOnce(id, claim, ports);
  if (outcome.kind !== 'reported') throw new Error('the trial was to report a value');
  study = await readStudy(store, id);
  dataset = await readObject(store, keys.datasetManifest(split.dataset), Dataset);
  file = (await store.get(outcome.model!.key))!.body;
});

/** Scores twice in one process; `reads` has the validation partitions as they were read. */
async function scoredTwice(of: Dataset) {
  const reads: string[] = [];
  const watched: ObjectStore = {
    ...store,
    get: async (key) => {
      reads.push(key);
      return store.get(key);
    },
  };
  const ports = stepPorts(watched, {});
  const first = await scoreValidation(study, modelData(of), file, none, ports);
  expect(await scoreValidation(study, modelData(of), file, none, ports)).toEqual(first);
  return { scored: first, reads };
}

const none = new Float32Array(0);

test('a small validation side is read once a process, a large one for each model, with the same scores', async () => {
  const parts = dataset.partitions.validation;
  expect(parts).toHaveLength(3);
  const small = await scoredTwice(dataset);
  const { scores } = small.scored;
  expect(scores.kind === 'numbers' && scores.counts.reduce((sum, rows) => sum + rows, 0)).toBe(
    dataset.rows.validation,
  );
  expect(small.scored.tally).toMatchObject({ kind: 'classes', classes: 2 });
  expect(small.reads).toEqual(parts.map(({ key }) => key));

  const validation = parts.map((part) => ({ ...part, bytes: 50 * 2 ** 20 }));
  const large = await scoredTwice({ ...dataset, partitions: { ...dataset.partitions, validation } });
  expect(large.reads).toEqual([...parts, ...parts].map(({ key }) => key));
  expect(large.scored).toEqual(small.scored);
});

test('a file that says of a row what its trainer did not is refused', async () => {
  const said = new Float32Array(5).fill(2);
  await expect(scoreValidation(study, modelData(dataset), file, said, stepPorts(store, {}))).rejects.toThrow(
    /the exported model differs from the trained one by up to 1\.\d+ on the validation rows \(allowed: 0\.00001\)/,
  );
});
