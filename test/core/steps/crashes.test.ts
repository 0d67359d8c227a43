import { beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { commitPrediction } from '../../../core/steps/commit-prediction.ts';
import { commitSplit } from '../../../core/steps/commit-split.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { evaluate } from '../../../core/steps/evaluate.ts';
import { finishStudy } from '../../../core/steps/finish-study.ts';
import { loseShard } from '../../../core/steps/job.ts';
import { planSplit } from '../../../core/steps/plan-split.ts';
import type { Ports } from '../../../core/steps/ports.ts';
import { predictShard } from '../../../core/steps/predict-shard.ts';
import { settleSplit } from '../../../core/steps/settle-split.ts';
import { splitShard } from '../../../core/steps/split-shard.ts';
import { surveyShard } from '../../../core/steps/survey-shard.ts';
import { tell } from '../../../core/steps/tell.ts';
import type { ObjectStore } from '../../../core/store.ts';
import { encodeTable } from '../../../core/tables/write.ts';
import { byteSource } from '../../support/byte-source.ts';
import { contentOf, copyOf, crashingStore } from '../../support/crashing-store.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  askAs,
  execution,
  fileOf,
  flights,
  noon,
  planPredict,
  prepare,
  putSpec,
  refitAsked,
  runLane,
  specOf,
  splitAll,
  stepPorts,
  trainOnce,
} from '../../support/step-world.ts';

type Run = (ports: Ports) => Promise<unknown>;

const steps = [
  'plan-split',
  'survey-shard',
  'settle-split',
  'split-shard',
  'split-shard, by class',
  'lose-shard',
  'commit-split',
  'prepare-study',
  'ask',
  'train, a round an invocation',
  'train',
  'tell',
  'train from a checkpoint',
  'finish-study',
  'conclude-study',
  'plan-prediction',
  'predict-shard',
  'commit-prediction',
  'evaluate',
  'train a fold',
  'conclude-study, which asks for a refit',
  'refit, a round an invocation',
  'refit',
  'conclude-study after a refit',
] as const;
type Step = (typeof steps)[number];

/** A new table, of which one row cannot be read. */
const newRows = new TextDecoder().decode(encodeTable('csv', [flights(300, 5000)]));
const files = {
  flights: [fileOf('csv', flights(1500))],
  new: [byteSource(`${newRows}9000,not far,3,C1,true\n`, 'new.csv')],
};
const spec = specOf({
  predict: {
    table: { path: 'new', shards: 2, columns: { distance: 'float' } },
    tolerance: 0.1,
  },
});

/** The store before each step, and the step; made by going once through all of them. */
const stages = new Map<Step, { readonly store: ObjectStore; readonly run: Run }>();

beforeAll(async () => {
  const store = memoryStore();
  const ports = stepPorts(store, files);
  async function stage<Answer>(step: Step, run: (ports: Ports) => Promise<Answer>): Promise<Answer> {
    stages.set(step, { store: await copyOf(store), run });
    return run(ports);
  }
  const digest = await putSpec(store, spec);
  const planned = await stage('plan-split', (given) => planSplit({ spec: digest, execution }, given));
  const { job } = planned as { readonly job: string };
  await stage('split-shard', (given) => splitShard({ job, shard: 0, execution }, given));
  const byClass = await putSpec(store, { ...spec, split: { ...spec.split, by: 'stratified' } });
  const surveyed = (await planSplit({ spec: byClass, execution }, ports)) as { readonly job: string };
  await stage('survey-shard', (given) => surveyShard({ ...surveyed, shard: 0, execution }, given));
  for (const shard of [1, 2]) await surveyShard({ ...surveyed, shard, execution }, ports);
  await stage('settle-split', (given) => settleSplit({ ...surveyed, execution }, given));
  await stage('split-shard, by class', (given) => splitShard({ ...surveyed, shard: 0, execution }, given));
  const error = { Error: 'BadTable', Cause: 'broken' };
  await stage('lose-shard', (given) => loseShard({ job, shard: 1, execution, error }, given));
  for (const shard of [1, 2]) await splitShard({ job, shard, execution }, ports);
  const split = await stage('commit-split', (given) => commitSplit({ spec: digest, job, execution }, given));
  const { dataset } = split as { readonly dataset: string };

  const study = await stage('prepare-study', (given) => prepare(digest, dataset, given));
  const { claim } = await stage('ask', (given) => askAs(study, 0, given));
  stages.set('train, a round an invocation', {
    store: await copyOf(store),
    run: (given) => trainHurriedly(study, claim, { ...given, remaining: () => 0 }),
  });
  const { outcome } = await stage('train', (given) => trainOnce(study, claim, given));
  await stage('tell', (given) => tell({ study, claim, outcome }, given));
  const promoted = await untilPromoted(study, ports);
  await stage('train from a checkpoint', (given) => trainOnce(study, promoted, given));
  await runLane(study, ports);
  await stage('finish-study', (given) => finishStudy({ study, execution, error: null }, given));
  // The marker that preparing wrote would hide one that concluding forgets.
  await store.delete(keys.pending('model', study));
  const concluded = await stage('conclude-study', (given) => concludeStudy({ study, execution }, given));

  const { best } = concluded as { readonly best: { readonly model: string } };
  const predicting = await stage('plan-prediction', (given) => planPredict(digest, best.model, null, given));
  const request = { job: predicting.job, execution };
  await predictShard({ ...request, shard: 0 }, ports);
  await stage('predict-shard', (given) => predictShard({ ...request, shard: 1 }, given));
  await stage('commit-prediction', (given) => commitPrediction(request, given));
  const candidate = predicting.prediction;
  await stage('evaluate', (given) =>
    evaluate({ spec: digest, candidate, champion: candidate, championKnown: true }, given),
  );
});

/** A study with folds, of which the best trial is trained once more. */
beforeAll(async () => {
  const store = memoryStore();
  const ports = stepPorts(store, files);
  const folds = await putSpec(store, {
    ...spec,
    split: { ...spec.split, folds: 2, train: 0.85, validation: 0 },
  });
  const { dataset } = await splitAll(folds, ports);
  const study = await prepare(folds, dataset, ports);
  const first = (await askAs(study, 0, ports)).claim;
  await tell({ study, claim: first, outcome: (await trainOnce(study, first, ports)).outcome }, ports);
  const { claim } = await askAs(study, 0, ports);
  const stage = async <Answer>(step: Step, run: (given: Ports) => Promise<Answer>) => {
    stages.set(step, { store: await copyOf(store), run });
    return run(ports);
  };
  await stage('train a fold', (given) => trainOnce(study, claim, given));
  await runLane(study, ports);
  const conclude = (given: Ports) => concludeStudy({ study, execution }, given);
  const asked = await stage('conclude-study, which asks for a refit', conclude);
  const refit = (given: Ports) => refitAsked(asked, given);
  stages.set('refit, a round an invocation', {
    store: await copyOf(store),
    run: async (given) => {
      for (;;) {
        const answer = (await refit({ ...given, remaining: () => 0 })) as { readonly next: string };
        if (answer.next === 'done') return answer;
      }
    },
  });
  await stage('refit', refit);
  await store.delete(keys.pending('model', study));
  await stage('conclude-study after a refit', conclude);
});

/** The claim of the first promotion. */
async function untilPromoted(study: string, ports: Ports): Promise<string> {
  for (;;) {
    const { claim, rung } = await askAs(study, 0, ports);
    if (rung === 1) return claim;
    const { outcome } = await trainOnce(study, claim, ports);
    await tell({ study, claim, outcome }, ports);
  }
}

async function trainHurriedly(study: string, claim: string, ports: Ports): Promise<unknown> {
  for (;;) {
    const answer = await trainOnce(study, claim, ports);
    if (answer.next === 'tell') return answer;
  }
}

/** Runs a step as a new process does; `later` by so many milliseconds. */
const runOn = (store: ObjectStore, run: Run, later = 0): Promise<unknown> =>
  run(stepPorts(store, files, { now: () => noon + later }));

describe.each(steps)('%s', (step) => {
  test('run twice gives the same answer and leaves the same objects', async () => {
    const { store: before, run } = stages.get(step)!;
    const store = await copyOf(before);
    const answer = await runOn(store, run);
    const content = await contentOf(store);
    const again = await runOn(store, run, 3_600_000);
    expect(await contentOf(store)).toEqual(content);
    expect(again).toEqual(answer);
  });

  test('run again after a crash at any write comes to the same objects', async () => {
    const { store: before, run } = stages.get(step)!;
    const calm = crashingStore(await copyOf(before));
    const answer = await runOn(calm, run);
    const content = await contentOf(calm);
    expect(calm.writes.length).toBeGreaterThan(0);
    for (let write = 1; write <= calm.writes.length; write++) {
      for (const when of ['before', 'after'] as const) {
        const at = `${when} ${calm.writes[write - 1]}`;
        const store = await copyOf(before);
        await expect(runOn(crashingStore(store, { write, when }), run), at).rejects.toThrow(`crashed ${at}`);
        expect(await runOn(store, run), at).toEqual(answer);
        expect(await contentOf(store), at).toEqual(content);
      }
    }
  });
});
