import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeJson, type ObjectStore } from '../../../core/store.ts';
import { Detached, follow, pollMs, stagesOf, type World } from '../../../library/remote/follow.ts';
import { type FakeExecutions, fakeExecutions } from '../../support/fake-executions.ts';
import { memoryStore } from '../../support/memory-store.ts';

let executions: FakeExecutions;
let store: ObjectStore;
let told: string[];
let interrupt: AbortController;

beforeEach(() => {
  executions = fakeExecutions();
  store = memoryStore();
  told = [];
  interrupt = new AbortController();
});

/** One step of the script happens in each wait. */
function world(...script: (() => unknown)[]): World {
  return {
    executions,
    store,
    progress: {
      onEvent: (event) =>
        told.push(`${event.kind} ${event.flow}${event.kind === 'map-started' ? ` ${event.items}` : ''}`),
      onAnswer: (name, _request, answer) => told.push(`${name} ${JSON.stringify(answer)}`),
    },
    sleep: async () => {
      const step = script.shift();
      if (step === undefined) throw new Error('waited longer than the script');
      await step();
    },
    signal: interrupt.signal,
    goesOn: 'late goes on',
  };
}

const name = 'late-0123456789ab-1';
const dataset = 'datasets/late-0123456789ab/';
const receipt = (shard: number) => store.put(`${dataset}receipts/0000${shard}.json`, encodeJson({}));

describe('following', () => {
  test('a split tells its shards as their receipts come, in any order', async () => {
    executions.set('split', name, {});
    await store.put(`${dataset}shards.json`, encodeJson([{ shard: 0 }, { shard: 1 }, { shard: 2 }]));
    const ended = await follow(
      world(
        () => executions.outputs('split', name, [{ job: dataset }]),
        () => receipt(2),
        () => Promise.all([receipt(0), receipt(1)]),
        () => executions.set('split', name, { state: 'succeeded', output: { dataset: 'd' }, endedAt: 5000 }),
      ),
      { flow: 'split', name },
    );
    expect(ended.output).toEqual({ dataset: 'd' });
    expect(told).toEqual([
      'started split',
      'map-started split 3',
      ...['item-done split', 'item-done split', 'item-done split'],
      'succeeded split',
    ]);
  });

  test('a pipeline tells its flows one after the other, the last of them before it ends', async () => {
    executions.set('pipeline', name, {});
    const nested = (flow: 'split' | 'tune' | 'predict', prefix: string) => () =>
      executions.set(flow, `${prefix}${name}`, { state: 'succeeded' });
    await follow(
      world(nested('split', 'split-'), nested('tune', 'tune-'), () => {
        nested('predict', 'predict-')();
        executions.set('pipeline', name, { state: 'succeeded' });
      }),
      { flow: 'pipeline', name },
    );
    expect(told).toEqual(
      ['split', 'tune', 'predict'].flatMap((flow) => [`started ${flow}`, `succeeded ${flow}`]),
    );
  });

  test('a study tells each claim and each outcome once', async () => {
    const study = 'late-0123456789ab';
    executions.set('tune', name, {});
    executions.outputs('tune', name, [{ study, execution: name }]);
    const claim = { trial: 0, rung: 0, attempt: 1, params: {} };
    const asked = { number: 0, execution: name, lane: 0, budget: 0, open: [], at: 1 };
    const outcome = { kind: 'failed', error: 'E', cause: 'why' };
    await store.put(`studies/${study}/claims/00000.json`, encodeJson({ ...claim, ...asked }));
    await follow(
      world(
        () => {},
        () =>
          store.put(
            `studies/${study}/events/00000.json`,
            encodeJson({ ...claim, outcome, startedAt: 1, at: 2 }),
          ),
        () => executions.set('tune', name, { state: 'failed', error: 'E', cause: 'why' }),
      ),
      { flow: 'tune', name },
    );
    expect(told).toEqual([
      'started tune',
      `ask {"next":"train","claim":"studies/${study}/claims/00000.json","trial":0,"rung":0,"attempt":1}`,
      'tell {"trial":0,"rung":0,"attempt":1}',
    ]);
  });

  test('ends when it is interrupted, and stops nothing', async () => {
    executions.set('split', name, {});
    const following = follow(
      world(() => interrupt.abort()),
      { flow: 'split', name },
    );
    await expect(following).rejects.toThrow(Detached);
    await expect(following).rejects.toThrow('late goes on');
    expect(executions.calls).toEqual([]);
  });

  test('asks every half second at first, and every five in the end', () => {
    expect(pollMs(0)).toBe(500);
    expect(pollMs(15)).toBeGreaterThan(2000);
    expect(pollMs(1000)).toBe(5000);
  });
});

test('the flows of a pipeline have the names that its definition gives them', () => {
  const { States } = JSON.parse(readFileSync('flows/pipeline.asl.json', 'utf8')) as {
    States: Record<string, { Parameters?: { StateMachineArn?: string; 'Name.$'?: string } }>;
  };
  const nested = Object.values(States).flatMap(({ Parameters }) => {
    const flow = /^\$\{(\w+)Flow\}$/.exec(Parameters?.StateMachineArn ?? '')?.[1]?.toLowerCase();
    return flow === undefined ? [] : [[flow, Parameters?.['Name.$']]];
  });
  expect(nested).toEqual(
    stagesOf('pipeline').map(([flow, prefix]) => [flow, `States.Format('${prefix}{}', $$.Execution.Name)`]),
  );
});
