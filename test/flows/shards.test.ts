import { expect, test } from 'vitest';
import * as z from 'zod';
import { CommitRequest, LoseShardRequest } from '../../core/contracts/requests.ts';
import { allReceipts, loseShard } from '../../core/steps/job.ts';
import { memoryStore } from '../support/memory-store.ts';
import { field, runScripted, type Script, shardLists, thrown } from '../support/scripted-flows.ts';
import { toldOf } from '../support/told.ts';

const flows = [
  ['split', 'split-shard', 'commit-split', 'datasets/d/'],
  ['map', 'map-shard', 'commit-split', 'datasets/d/'],
  ['predict', 'predict-shard', 'commit-prediction', 'predictions/p/'],
] as const;

const receipt = z.object({ shard: z.number() });

/** That of a dataset has its specification too. */
const Commit = z.object(CommitRequest.shape);

/** The second shard fails; what is written of it, and what the commit makes of that, is the steps' own work. */
function losing(work: string, commit: string, job: string, error: string, message: string): Script {
  const store = memoryStore();
  return {
    async [work](payload) {
      if (field(payload, 'shard') === 1) throw thrown(error, message);
      await store.put(`${job}receipts/00000.json`, new TextEncoder().encode('{"shard":0}'));
      return { next: 'done' };
    },
    async 'lose-shard'(payload) {
      await loseShard(LoseShardRequest.parse(payload), { store });
      return {};
    },
    async [commit](payload) {
      await allReceipts(store, Commit.parse(payload), 2, receipt).catch((cause: Error) => {
        throw thrown(cause.name, cause.message);
      });
      return { prediction: 'p' };
    },
  };
}

test.each(flows)('%s keeps why a shard was lost, and fails with that', async (flow, work, commit, job) => {
  const ran = await runScripted(flow, () => losing(work, commit, job, 'BadTable', 'row at 17: no number'));
  const cause = '{"errorType":"BadTable","errorMessage":"row at 17: no number","trace":[]}';
  expect(ran.calls('lose-shard')).toEqual([
    { job, shard: 1, execution: 'run-1', error: { Error: 'BadTable', Cause: cause } },
  ]);
  expect(ran.calls(commit)).toHaveLength(1);
  expect(toldOf(ran.failure)).toBe('fanfare: BadTable: row at 17: no number (shard 1; 1 of 2 shards failed)');
});

test.each(flows)('%s keeps the name of a missing input', async (flow, work, commit, job) => {
  const ran = await runScripted(flow, () => losing(work, commit, job, 'MissingInput', 'the file went'));
  expect(toldOf(ran.failure)).toBe('fanfare: MissingInput: the file went (shard 1; 1 of 2 shards failed)');
});

test.each(flows.slice(0, 2))(
  '%s loses a shard whose worker dies three times',
  async (flow, work, commit, job) => {
    const script = losing(work, commit, job, 'Runtime.ExitError', 'killed by SIGKILL');
    const ran = await runScripted(flow, () => script);
    expect(ran.calls(work).filter((payload) => field(payload, 'shard') === 1)).toHaveLength(3);
    expect(toldOf(ran.failure)).toBe('fanfare: BadTable: killed by SIGKILL (shard 1; 1 of 2 shards failed)');
  },
);

test.each(flows)('%s fails with the loss that could not be written', async (flow, work) => {
  const ran = await runScripted(flow, () => ({
    [work]: () => {
      throw thrown('BadTable', 'row at 17: no number');
    },
    'lose-shard': () => {
      throw thrown('Error', 'the disk is full');
    },
  }));
  expect(ran.caught).toContain(`${flow} Shards > Failed`);
  expect(toldOf(ran.failure)).toContain('the disk is full');
});

test('the shards that are run are those of the written list', async () => {
  const one = { ...shardLists, 'local/datasets/d/shards.json': '[{"shard":7}]' };
  const ran = await runScripted('split', () => ({}), one);
  expect(ran.calls('split-shard')).toMatchObject([{ shard: 7 }]);
});
