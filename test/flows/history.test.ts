import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keys } from '../../core/contracts/keys.ts';
import { type Claim, claimsPerLane, type Study } from '../../core/contracts/study.ts';
import type { Json } from '../../core/json.ts';
import { aggregate } from '../../core/steps/aggregate.ts';
import { ask } from '../../core/steps/ask.ts';
import { encodeJson } from '../../core/store.ts';
import type { FlowEvent } from '../../local/interpreter/engine.ts';
import { startOfTime } from '../local/interpreter/fake-engine.ts';
import { FakeTracker } from '../support/fake-tracker.ts';
import { memoryStore } from '../support/memory-store.ts';
import { field, runScripted } from '../support/scripted-flows.ts';
import { stepPorts } from '../support/step-world.ts';
import { putStudy } from '../support/study-log.ts';
import { study as example } from '../support/tracking-examples.ts';

/** What Step Functions ends an execution at (its quotas: "Maximum execution history size"). */
const limit = 25_000;
const hour = 3_600_000;

/**
 * Events of one visit (Step Functions API, HistoryEvent): each state is entered and exited; a Lambda task is scheduled,
 * started and succeeds; a Parallel starts and succeeds; a distributed Map starts, has a Map Run started and succeed, succeeds.
 */
const visit: Readonly<Record<string, number>> = { Task: 5, Parallel: 4, Map: 6 };
const ofState = (type: string): number => visit[type] ?? 2;
/** A retry fails, is scheduled and is started again. */
const ofRetry = 3;

const typeOf = new Map<string, string>();
for (const flow of ['tune', 'predict']) {
  collect(JSON.parse(readFileSync(new URL(`../../flows/${flow}.asl.json`, import.meta.url), 'utf8')));
}

function collect(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [name, state] of Object.entries('States' in node ? (node.States as object) : {})) {
    typeOf.set(name, state.Type);
  }
  Object.values(node).forEach(collect);
}

/** The length of each execution's history. */
function histories(events: readonly FlowEvent[]): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const event of events) {
    const count =
      event.kind === 'state-entered'
        ? ofState(typeOf.get(event.state)!)
        : event.kind === 'state-retried'
          ? ofRetry
          : ['started', 'succeeded', 'failed'].includes(event.kind)
            ? 1
            : 0;
    lengths.set(event.execution, (lengths.get(event.execution) ?? 0) + count);
  }
  return lengths;
}

const longest = (lengths: ReadonlyMap<string, number>, lanes: boolean): number =>
  Math.max(...[...lengths].flatMap(([name, length]) => (name.includes(':') === lanes ? [length] : [])));

/** The example's study, with one claim of lane 1 since the beginning. */
async function openStudy(execution: string) {
  const store = memoryStore();
  const study: Study = { ...example, trials: 1, scheduler: { kind: 'none', rungs: [1] } };
  const claim: Claim = {
    ...{ number: 0, trial: 0, rung: 0, budget: 0, attempt: 1, execution, lane: 1, params: {}, open: [] },
    at: startOfTime,
  };
  await putStudy(store, study);
  await store.put(keys.claim(study.study, 0), encodeJson(claim));
  return { store, id: study.study };
}

test('a lane trains as many rungs as it may, each continued once, far below the limit', async () => {
  let claims = 0;
  const begun = new Set<string>();
  const ran = await runScripted('tune', (usual) => ({
    ask: (payload) =>
      field(payload, 'lane') === 0 && claims < claimsPerLane
        ? { next: 'train', claim: `claim-${claims++}` }
        : { next: 'rest' },
    // Each rung lasts longer than one invocation.
    train(payload, world, signal) {
      const claim = String(field(payload, 'claim'));
      if (!begun.has(claim)) {
        begun.add(claim);
        return { next: 'continue' };
      }
      return usual.train!(payload, world, signal);
    },
  }));
  expect(ran.failure).toBeUndefined();
  expect(ran.calls('tell reported')).toHaveLength(claimsPerLane);
  const length = longest(histories(ran.engine.events), true);
  // Ask 5, Asked 2, Train 5, Trained 2 (twice each), Tell 5; then Ask, Asked, LaneDone and the two ends.
  expect(length).toBe(claimsPerLane * 26 + 5 + 2 + 2 + 2);
  expect(length).toBeLessThan(0.6 * limit);
});

/** A study whose one trial trains so long in lane 1, invocation after invocation, while lane 0 waits and the recorder looks. */
async function longStudy(hours: number, tracker: FakeTracker) {
  const { store, id } = await openStudy('run-1');
  const at = (now: number) => stepPorts(store, {}, { now: () => now, tracker });
  const trial = { asked: false, told: false };
  const ran = await runScripted('tune', () => ({
    ask: async (payload, world) => {
      if (trial.told) return { next: 'done' };
      if (field(payload, 'lane') === 0) {
        return (await ask({ study: id, lane: 0, execution: 'run-1' }, at(world.now()))) as Json;
      }
      trial.asked = true;
      return { next: 'train', claim: 'claim-0' };
    },
    train: async (_, world, signal) => {
      await world.sleep(hour / 4, signal);
      if (world.seconds() < hours * 3600) return { next: 'continue' };
      return { next: 'tell', outcome: { kind: 'reported', value: 0.7 } };
    },
    'tell reported': () => {
      trial.told = true;
      return {};
    },
    'finish-study': async () => {
      await store.put(keys.finished(id, 'run-1'), encodeJson({ at: 0, lost: null }));
      return {};
    },
    'aggregate study': async (payload, world) => {
      const waitSeconds = Number(field(payload, 'waitSeconds'));
      return (await aggregate(
        { kind: 'study', study: id, execution: 'run-1', waitSeconds },
        at(world.now()),
      )) as Json;
    },
  }));
  expect(ran.failure).toBeUndefined();
  expect(trial).toEqual({ asked: true, told: true });
  return ran;
}

describe.each([1, 10, 48])('a trial of %i hours', (hours) => {
  test('leaves the histories of the lanes, of the recorder and of the flow far below the limit', async () => {
    const ran = await longStudy(hours, new FakeTracker());
    const lengths = histories(ran.engine.events);
    expect(longest(lengths, true)).toBeLessThan(limit / 2);
    expect(longest(lengths, false)).toBeLessThan(limit / 2);
    // Nobody waits for the recorder, or a lane, more than a fiftieth of what the trial took.
    expect(ran.engine.seconds()).toBeLessThan(hours * 3600 * 1.04 + 30);
  });

  test('leaves them there with MLflow away all the time', async () => {
    const tracker = new FakeTracker();
    tracker.experiment = () => Promise.reject(new Error('no connection'));
    const ran = await longStudy(hours, tracker);
    expect(longest(histories(ran.engine.events), false)).toBeLessThan(limit / 2);
    expect(ran.engine.seconds()).toBeLessThan(hours * 3600 * 1.04 + 900);
  });
});

test('a history beyond the limit would be seen: a recorder that looked every five seconds for ten hours', async () => {
  const ran = await runScripted('tune', (usual) => ({
    train: async (payload, world, signal) => {
      await world.sleep(hour / 4, signal);
      if (world.seconds() < 10 * 3600) return { next: 'continue' };
      return usual.train!(payload, world, signal);
    },
  }));
  expect(longest(histories(ran.engine.events), false)).toBeGreaterThan(limit);
});

test('a shard that goes on for 30 days, a quarter of an hour an invocation, stays below the limit', async () => {
  const invocations = 30 * 24 * 4;
  let left = invocations;
  const ran = await runScripted('predict', () => ({
    'predict-shard': (payload) => ({
      next: field(payload, 'shard') === 1 && --left > 0 ? 'continue' : 'done',
    }),
  }));
  expect(ran.failure).toBeUndefined();
  const length = longest(histories(ran.engine.events), true);
  // Shard 5 and Predicted 2 an invocation; Whole and the two ends.
  expect(length).toBe(invocations * 7 + 2 + 2);
  expect(length).toBeLessThan(limit);
});
