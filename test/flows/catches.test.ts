import { expect, test } from 'vitest';
import type { FlowName } from '../../core/contracts/functions.ts';
import { catchesIn, writtenCatches } from '../support/flow-states.ts';
import {
  preparedByPass,
  type Ran,
  runScripted,
  type Script,
  shardLists,
  surveyed,
  throwing,
  trainedByPasses,
} from '../support/scripted-flows.ts';
import { toldOf } from '../support/told.ts';

interface Case {
  readonly flow: FlowName;
  /** `state > next` */
  readonly taken: string;
  readonly script?: Script | ((usual: Script) => Script);
  readonly objects?: Readonly<Record<string, string>>;
  readonly outcome: (ran: Ran) => void;
}

/** What the person who waits is told: the innermost error. */
const fails =
  (name: string, message: string): Case['outcome'] =>
  (ran) => {
    expect(ran.output).toBeUndefined();
    expect(toldOf(ran.failure)).toBe(`fanfare: ${name}: ${message}`);
  };

/** A task that throws fails its flow with what it said. */
const failing = (flow: FlowName, state: string, call: string): Case => ({
  flow,
  taken: `${state} > Failed`,
  script: { [call]: throwing('BadTable', `${state} could not`) },
  outcome: fails('BadTable', `${state} could not`),
});

const without = (key: string) =>
  Object.fromEntries(Object.entries(shardLists).filter(([each]) => each !== `local/${key}`));

const noList = (flow: FlowName, key: string): Case => ({
  flow,
  taken: 'Shards > Failed',
  objects: without(key),
  outcome: fails('States.ItemReaderFailed', `s3://local/${key} does not exist`),
});

const goesOn = (ran: Ran): void => {
  expect(ran.failure).toBeUndefined();
  expect(ran.output).toMatchObject({ model: 'sha256:m1' });
};

const broken = throwing('BadTable', 'broken');

const cases: readonly Case[] = [
  failing('split', 'Plan', 'plan-split'),
  {
    ...{ flow: 'split', taken: 'Shard > Lost', script: { 'split-shard': broken } },
    outcome: (ran) => expect(ran.calls('lose-shard')).toHaveLength(2),
  },
  noList('split', 'datasets/d/shards.json'),
  failing('split', 'Commit', 'commit-split'),
  {
    ...{ flow: 'split', taken: 'SurveyShard > SurveyLost' },
    script: { ...surveyed, 'survey-shard': broken },
    outcome: (ran) => expect(ran.calls('lose-shard')).toHaveLength(2),
  },
  {
    ...noList('split', 'datasets/d/shards.json'),
    ...{ taken: 'Survey > Failed', script: surveyed },
  },
  {
    ...failing('split', 'Settle', 'settle-split'),
    script: { ...surveyed, 'settle-split': throwing('BadTable', 'Settle could not') },
  },

  failing('map', 'Plan', 'plan-map'),
  {
    ...{ flow: 'map', taken: 'Shard > Lost', script: { 'map-shard': broken } },
    outcome: (ran) => expect(ran.calls('lose-shard')).toHaveLength(2),
  },
  noList('map', 'datasets/d/shards.json'),
  failing('map', 'Commit', 'commit-split'),

  failing('tune', 'Prepare', 'prepare-study'),
  {
    ...{ flow: 'tune', taken: 'Train > TellFailed', script: { train: broken } },
    outcome(ran) {
      goesOn(ran);
      expect(ran.calls('tell failed')).toHaveLength(3);
    },
  },
  {
    ...{
      flow: 'tune',
      taken: 'Train > LaneLost',
      script: { train: throwing('StoreFailed', 'the disk is full') },
    },
    outcome(ran) {
      expect(ran.calls('tell failed')).toEqual([]);
      expect(ran.calls('finish-study')).toMatchObject([
        { error: { Cause: expect.stringMatching(/The last: StoreFailed: the disk is full$/) } },
      ]);
    },
  },
  {
    ...{ flow: 'tune', taken: 'Lanes > FinishEarly', script: { ask: broken } },
    outcome(ran) {
      goesOn(ran);
      expect(ran.calls('finish-study')).toMatchObject([
        { error: { Error: 'States.ExceedToleratedFailureThreshold' } },
      ]);
    },
  },
  {
    ...{ flow: 'tune', taken: 'Record > RecordLater', script: { 'aggregate study': broken } },
    outcome(ran) {
      goesOn(ran);
      expect(ran.calls('tell reported')).toHaveLength(3);
    },
  },
  {
    ...{ flow: 'tune', taken: 'Run > Failed', script: { 'finish-study': broken } },
    outcome: fails('BadTable', 'broken'),
  },
  {
    ...{ flow: 'tune', taken: 'GatherPart > PartLost' },
    script: (usual) => ({ ...preparedByPass(usual), gather: broken }),
    outcome: (ran) => expect(ran.calls('lose-shard')).toHaveLength(2),
  },
  {
    ...{
      flow: 'tune',
      taken: 'Gather > Failed',
      script: preparedByPass,
      objects: without('pass/shards.json'),
    },
    outcome: fails('States.ItemReaderFailed', 's3://local/pass/shards.json does not exist'),
  },
  {
    ...{ flow: 'tune', taken: 'TrainPart > TrainPartLost' },
    script: (usual) => ({ ...trainedByPasses(usual), gather: broken }),
    outcome: (ran) => expect(ran.calls('lose-shard')).toHaveLength(4),
  },
  {
    ...{ flow: 'tune', taken: 'TrainGathers > TellFailed', script: trainedByPasses },
    objects: without('pass/shards.json'),
    outcome(ran) {
      goesOn(ran);
      expect(ran.calls('tell failed')).toMatchObject([{ claim: 'claim-0' }]);
    },
  },
  failing('tune', 'Conclude', 'conclude-study'),
  failing('tune', 'Refit', 'train refit'),
  failing('tune', 'Register', 'aggregate model'),

  failing('predict', 'Resolve', 'aggregate resolve'),
  failing('predict', 'Plan', 'plan-prediction'),
  {
    ...{ flow: 'predict', taken: 'Shard > Lost', script: { 'predict-shard': broken } },
    outcome: (ran) => expect(ran.calls('lose-shard')).toHaveLength(2),
  },
  {
    ...{ flow: 'predict', taken: 'Shard > Died' },
    script: { 'predict-shard': throwing('Runtime.OutOfMemory', 'killed') },
    outcome: (ran) => expect(ran.calls('lose-shard')).toHaveLength(2),
  },
  noList('predict', 'predictions/p/shards.json'),
  failing('predict', 'Commit', 'commit-prediction'),
  failing('predict', 'Record', 'aggregate prediction'),

  failing('pipeline', 'Split', 'commit-split'),
  failing('pipeline', 'Tune', 'conclude-study'),
  failing('pipeline', 'Predict', 'commit-prediction'),
  failing('pipeline', 'Champion', 'aggregate champion'),
  {
    ...{ flow: 'pipeline', taken: 'PredictChampion > Unknown' },
    script: {
      'plan-prediction': (payload) =>
        JSON.stringify(payload).includes('champions-run-1')
          ? broken(payload, undefined as never, undefined as never)
          : {
              ...{ job: 'predictions/p/', prediction: 'p', execution: 'x' },
              ...{ shards: 'predictions/p/shards.json', next: 'shards' },
            },
    },
    outcome(ran) {
      expect(ran.failure).toBeUndefined();
      expect(ran.calls('evaluate')).toEqual([
        { spec: 'the-spec', candidate: 'p', champion: null, championKnown: false },
      ]);
      expect(ran.calls('aggregate evaluation')).toHaveLength(1);
    },
  },
  failing('pipeline', 'Evaluate', 'evaluate'),
  failing('pipeline', 'Promote', 'aggregate evaluation'),
];

const nameOf = ({ flow, taken }: Case): string => `${flow} ${taken}`;

const scriptOf = ({ script = {} }: Case) => (typeof script === 'function' ? script : () => script);

test.each(cases.map((each): [string, Case] => [nameOf(each), each]))('%s', async (name, each) => {
  const ran = await runScripted(each.flow, scriptOf(each), each.objects);
  expect(ran.caught).toContain(name);
  each.outcome(ran);
});

test('every Catch of the flows has its test here, and no test is without one', () => {
  expect(cases.map(nameOf).toSorted()).toEqual(writtenCatches().toSorted());
  expect(cases.length).toBeGreaterThan(20);
});

test('a Catch without a test would be seen, however deep it stands', () => {
  const hidden = { Type: 'Task', Catch: [{ ErrorEquals: ['A'], Next: 'X' }, { Next: 'Y' }] };
  const branch = { StartAt: 'Hidden', States: { Hidden: hidden } };
  const flow = { States: { Outer: { Type: 'Parallel', Branches: [branch], Catch: [{ Next: 'Z' }] } } };
  expect(catchesIn(JSON.stringify(flow)).toSorted()).toEqual(['Hidden > X', 'Hidden > Y', 'Outer > Z']);
});
