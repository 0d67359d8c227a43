import { fileURLToPath } from 'node:url';
import { type FlowName, flows as flowNames } from '../../core/contracts/functions.ts';
import type { Json } from '../../core/json.ts';
import { loadFlows } from '../../local/engine.ts';
import { TaskError } from '../../local/interpreter/errors.ts';
import { execute } from '../../local/interpreter/execute.ts';
import { type FakeEngine, type FakeFunction, fakeEngine } from '../local/interpreter/fake-engine.ts';

/** What each call answers: by the function's name and, where one function has several tasks, the task's kind. */
export type Script = Readonly<Record<string, FakeFunction>>;

export interface Ran {
  /** The flow's output; undefined where it failed. */
  readonly output: Json | undefined;
  /** What `execute` rejected with. */
  readonly failure: unknown;
  readonly engine: FakeEngine;
  /** The payloads of these calls, in order. */
  calls(name: string): Json[];
  /** `state > next` for each catch that was taken. */
  readonly caught: readonly string[];
}

const flows = loadFlows(fileURLToPath(new URL('../../', import.meta.url)));

const inputs: Readonly<Record<FlowName, Json>> = {
  split: { spec: 'the-spec' },
  tune: { spec: 'the-spec', dataset: 'the-dataset', lanes: 2 },
  predict: { spec: 'the-spec', model: 'sha256:m1', dataset: 'the-dataset' },
  pipeline: { spec: 'the-spec', lanes: 2 },
  map: { spec: 'the-spec' },
};

export const shardLists: Readonly<Record<string, string>> = {
  'local/datasets/d/shards.json': '[{"shard":0},{"shard":1}]',
  'local/predictions/p/shards.json': '[{"shard":0},{"shard":1}]',
  'local/lanes.json': '[{"lane":0},{"lane":1}]',
  'local/pass/shards.json': '[{"shard":0},{"shard":1}]',
};

/** A split that goes by what the whole table holds. */
export const surveyed: Script = {
  'plan-split': (payload) => ({
    ...{ spec: field(payload, 'spec') ?? null, execution: field(payload, 'execution') ?? null },
    ...{ job: 'datasets/d/', dataset: 'd', shards: 'datasets/d/shards.json', next: 'survey' },
  }),
};

const pass = { next: 'gather', job: 'pass/', shards: 'pass/shards.json' };

/** A search that wants a pass before it is prepared. */
export const preparedByPass = (usual: Script): Script => {
  let asked = 0;
  return {
    'prepare-study': (payload, world, signal) =>
      asked++ === 0
        ? { ...(payload as Record<string, Json>), ...pass, asker: 'prepare' }
        : usual['prepare-study']!(payload, world, signal),
  };
};

/** The first trial wants two passes. */
export const trainedByPasses = (usual: Script): Script => {
  let asked = 0;
  return {
    train: (payload, world, signal) =>
      field(payload, 'claim') === 'claim-0' && asked++ < 2
        ? { ...pass, execution: 'run-1' }
        : usual.train!(payload, world, signal),
  };
};

/** The best trial, at its last rung. */
const leg = { trial: 1, rung: 0 };

/** The last training of the best trial wants a pass. */
export const refittedByPass = (usual: Script): Script => {
  let asked = 0;
  return {
    'train refit': (payload, world, signal) =>
      asked++ === 0
        ? { ...pass, study: 's', leg, execution: 'run-1', asker: 'refit' }
        : usual['train refit']!(payload, world, signal),
  };
};

/** Runs a real flow, as deployed, with `usual` answers but for those that `change` gives. The clock is a fake one. */
export async function runScripted(
  flow: FlowName,
  change: (usual: Script) => Script = () => ({}),
  objects: Readonly<Record<string, string>> = shardLists,
): Promise<Ran> {
  const usual = usualAnswers();
  const script = { ...usual, ...change(usual) };
  const functions = Object.fromEntries(
    Object.keys(script).map((call) => [call.split(' ')[0]!, byKind(call.split(' ')[0]!, script)]),
  );
  const engine = fakeEngine({ functions, objects, flows: flowNames.map((name) => flows.get(name)!) });
  const [output, failure] = await execute(engine, flows.get(flow)!, inputs[flow], { name: 'run-1' }).then(
    (json): [Json, undefined] => [json, undefined],
    (error: unknown): [undefined, unknown] => [undefined, error],
  );
  return {
    output,
    failure,
    engine,
    calls: (name) =>
      engine.calls.filter((call) => callOf(call.name, call.payload) === name).map(({ payload }) => payload),
    caught: engine.events.flatMap((event) =>
      event.kind === 'state-caught' ? [`${event.flow.split('/')[0]} ${event.state} > ${event.next}`] : [],
    ),
  };
}

/** A function that throws, as the worker pool and Lambda put it. */
export function thrown(errorType: string, errorMessage: string): TaskError {
  return new TaskError(errorType, JSON.stringify({ errorType, errorMessage, trace: [] }));
}

export const throwing =
  (errorType: string, errorMessage: string): FakeFunction =>
  () => {
    throw thrown(errorType, errorMessage);
  };

/** Throws the first `times` times, and then does as `usual`. */
export function failingFirst(times: number, errorType: string, usual: FakeFunction): FakeFunction {
  let left = times;
  return (payload, world, signal) => {
    if (left-- > 0) throw thrown(errorType, 'once more');
    return usual(payload, world, signal);
  };
}

export const never: FakeFunction = () => new Promise<Json>(() => {});

export const field = (json: Json | undefined, name: string): Json | undefined =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Readonly<Record<string, Json>>)[name]
    : undefined;

const byKind =
  (name: string, script: Script): FakeFunction =>
  (payload, world, signal) =>
    script[callOf(name, payload)]!(payload, world, signal);

function callOf(name: string, payload: Json): string {
  if (name === 'aggregate') return `aggregate ${String(field(payload, 'kind'))}`;
  if (name === 'train' && field(payload, 'refit') !== undefined) return 'train refit';
  if (name === 'tell') return `tell ${String(field(field(payload, 'outcome'), 'kind'))}`;
  return name;
}

/** Two shards, two lanes, three trials, a refit of two invocations, MLflow there, and a champion that is another model. */
function usualAnswers(): Script {
  const study = { claimed: 0, told: 0, finished: false, refitted: 0 };
  const echo = (names: readonly string[], more: Readonly<Record<string, Json>>): FakeFunction => {
    return (payload) => ({
      ...Object.fromEntries(names.map((name) => [name, field(payload, name) ?? null])),
      ...more,
    });
  };
  const tell: FakeFunction = () => {
    study.told++;
    return {};
  };
  const dataset = { job: 'datasets/d/', dataset: 'd', shards: 'datasets/d/shards.json', next: 'shards' };
  const job = { job: 'predictions/p/', prediction: 'p', shards: 'predictions/p/shards.json', next: 'shards' };
  const prepared = { study: 's', lanes: 'lanes.json', concurrency: 2, next: 'lanes', waitSeconds: 5 };
  return {
    'plan-split': echo(['spec', 'execution'], dataset),
    'survey-shard': echo(['shard'], {}),
    'settle-split': echo(['job'], {}),
    'split-shard': echo(['shard'], {}),
    'plan-map': echo(['spec', 'execution'], dataset),
    'map-shard': echo(['shard'], {}),
    'commit-split': () => ({ dataset: 'd', rows: { train: 70, validation: 15, test: 15 } }),
    'lose-shard': () => ({}),
    'prepare-study': echo(['execution'], prepared),
    ask: () => {
      if (study.claimed < 3) return { next: 'train', claim: `claim-${study.claimed++}` };
      return study.told < 3 ? { next: 'wait', waitSeconds: 1 } : { next: 'done' };
    },
    train: () => ({ next: 'tell', outcome: { kind: 'reported', value: 0.7 } }),
    'tell reported': tell,
    'tell failed': tell,
    gather: () => ({}),
    'finish-study': () => {
      study.finished = true;
      return {};
    },
    'conclude-study': () =>
      study.refitted < 2
        ? { study: 's', leg, execution: 'run-1', next: 'refit' }
        : { study: 's', model: 'sha256:m1', next: 'register' },
    'train refit': () => ({ next: study.refitted++ === 0 ? 'continue' : 'done' }),
    'plan-prediction': echo(['execution'], job),
    'predict-shard': echo(['shard'], { next: 'done' }),
    'commit-prediction': () => ({ prediction: 'p', rows: 15, predicted: 15, rejected: 0 }),
    evaluate: () => ({ evaluation: 'e', metrics: { auc: 0.7 }, champion: null }),
    'aggregate study': () => ({ recorded: true, done: study.finished, waitSeconds: 5 }),
    'aggregate model': () => ({ recorded: true, version: '1' }),
    'aggregate resolve': () => ({ digest: 'm1', name: 'delay', features: null }),
    'aggregate prediction': () => ({ recorded: true }),
    'aggregate champion': () => ({ known: true, other: true, model: 'sha256:m0' }),
    'aggregate evaluation': () => ({ recorded: true, decision: 'moved' }),
  };
}
