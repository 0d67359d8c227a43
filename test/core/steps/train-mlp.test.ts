import { describe, expect, test } from 'vitest';
import { Spec } from '../../../core/contracts/spec.ts';
import { readStudy } from '../../../core/search/study-folder.ts';
import type { ObjectStore } from '../../../core/store.ts';
import { copyOf } from '../../support/crashing-store.ts';
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

const tune = {
  trainable: 'mlp',
  trials: 1,
  scheduler: { kind: 'asha', min: 2, max: 4, eta: 2 },
  space: { hidden_layer_sizes: ['16,8'], batch_size: 300, dropout: 0.1, schedule: 'cosine' },
};

async function claimedWith(change: Readonly<Record<string, unknown>>) {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', flights(2000))] });
  const digest = await putSpec(store, specOf({ tune, ...change }));
  const { dataset } = await splitAll(digest, ports);
  const study = await prepare(digest, dataset, ports);
  const { claim } = await askAs(study, 0, ports);
  return { store, study, claim };
}

describe('a study of mlp', () => {
  test.each([
    ['classes', {}],
    ['more classes', { target: 'city', inputs: ['distance', 'late', 'seats'] }],
    ['a quantity', { target: { column: 'distance', task: 'regression' }, inputs: ['city', 'late', 'seats'] }],
  ])(
    'of %s values the exported file, and resumes in the middle of an epoch to the very same',
    async (_, change) => {
      const { store, study, claim } = await claimedWith(change);
      const outcomeOf = async (from: ObjectStore, remaining: number) => {
        let invocations = 0;
        for (;;) {
          invocations++;
          const { outcome } = await trainOnce(
            study,
            claim,
            stepPorts(from, {}, { remaining: () => remaining }),
          );
          if (outcome) return { invocations, outcome };
        }
      };
      const whole = await outcomeOf(await copyOf(store), 900_000);
      expect(whole).toMatchObject({ invocations: 1, outcome: { kind: 'reported', resource: 2 } });
      const parts = await outcomeOf(await copyOf(store), 0);
      // Each epoch's last minibatch is smaller, and has a part of its own; the model is scored by the last invocation.
      expect(parts).toEqual({ invocations: 5, outcome: whole.outcome });
    },
  );
});

describe('the epochs of trials', () => {
  const rungsOf = async (scheduler: unknown) => {
    const { store, study } = await claimedWith({ tune: { ...tune, scheduler } });
    return (await readStudy(store, study)).scheduler.rungs;
  };

  test('are few where the specification does not say, and as it says where it does', async () => {
    expect(await rungsOf(undefined)).toEqual([3, 9, 27]);
    expect(await rungsOf('asha')).toEqual([3, 9, 27]);
    expect(await rungsOf('none')).toEqual([27]);
    expect(await rungsOf({ kind: 'asha', max: 2 })).toEqual([2]);
    expect(await rungsOf({ kind: 'asha', min: 10, max: 90 })).toEqual([10, 30, 90]);
    expect(Spec.parse({ ...specOf(), tune: { space: {} } }).tune.scheduler).toMatchObject({
      min: 10,
      max: 100,
    });
  });
});
