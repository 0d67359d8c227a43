import type { Json } from '../../../core/json.ts';
import type { Engine, FlowEvent } from '../../../local/interpreter/engine.ts';
import { FlowFailed, TaskError } from '../../../local/interpreter/errors.ts';
import { execute } from '../../../local/interpreter/execute.ts';
import type { FlowDefinition } from '../../../local/interpreter/flow.ts';
import { loadFlow } from '../../../local/interpreter/load.ts';

export type FakeFunction = (payload: Json, world: FakeEngine, signal: AbortSignal) => Json | Promise<Json>;

export interface FakeEngine extends Engine {
  readonly events: FlowEvent[];
  /** Seconds since the start, at which each function was called, with its payload. */
  readonly calls: { readonly name: string; readonly at: number; readonly payload: Json }[];
  seconds(): number;
}

export interface World {
  readonly functions?: Readonly<Record<string, FakeFunction>>;
  /** By `bucket/key`. */
  readonly objects?: Readonly<Record<string, string>>;
  readonly flows?: readonly FlowDefinition[];
  readonly random?: () => number;
}

export const startOfTime = Date.UTC(2026, 0, 1);

/** An engine whose time passes at once, as soon as nobody has anything to do but wait. */
export function fakeEngine({
  functions = {},
  objects = {},
  flows = [],
  random = () => 0.5,
}: World = {}): FakeEngine {
  let now = startOfTime;
  const sleepers = new Map<() => void, number>();
  const wakeNext = () => {
    const [first] = [...sleepers].toSorted(([, left], [, right]) => left - right);
    if (!first) return;
    const [wake, at] = first;
    sleepers.delete(wake);
    now = Math.max(now, at);
    wake();
  };
  const sleep: Engine['sleep'] = (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = () => {
        sleepers.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      sleepers.set(end, now + ms);
      signal.addEventListener('abort', end);
      // Each sleeper brings one such turn, by which everything that can go on has gone on.
      setImmediate(() => setImmediate(wakeNext));
    });
  const engine: FakeEngine = {
    events: [],
    calls: [],
    seconds: () => (now - startOfTime) / 1000,
    now: () => now,
    sleep,
    random,
    flow: (name) => flows.find((flow) => flow.name === name),
    readObject: async (bucket, key) => {
      const text = objects[`${bucket}/${key}`];
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
    observe: (event) => engine.events.push(event),
    async invoke(name, payload, { timeoutMs, signal }) {
      engine.calls.push({ name, at: engine.seconds(), payload });
      const work = Promise.resolve(functions[name]?.(payload, engine, signal) ?? null);
      if (timeoutMs === undefined) return work;
      const done = new AbortController();
      const late = sleep(timeoutMs, done.signal).then(() => {
        throw new TaskError('States.Timeout', `still running after ${timeoutMs} ms`);
      });
      return Promise.race([work, late]).finally(() => done.abort());
    },
  };
  return engine;
}

/** The flow of these states, which begins with the first of them. */
export const flowOf = (states: Readonly<Record<string, Json>>, more: Readonly<Record<string, Json>> = {}) =>
  loadFlow('test', JSON.stringify({ StartAt: Object.keys(states)[0], States: states, ...more }), {});

export const run = (
  states: Readonly<Record<string, Json>>,
  input: Json = {},
  engine = fakeEngine(),
): Promise<Json> => execute(engine, flowOf(states), input, { name: 'run-1' });

/** The error and cause with which a flow fails. */
export async function failureOf(
  running: Promise<Json>,
): Promise<{ readonly error: string; readonly cause: string }> {
  const outcome: unknown = await running.catch((error: unknown) => error);
  if (outcome instanceof FlowFailed) return { error: outcome.error, cause: outcome.cause };
  throw new Error(`the flow was to fail, and gave ${JSON.stringify(outcome) ?? String(outcome)}`, {
    cause: outcome,
  });
}

export const task = (name: string, more: Readonly<Record<string, Json>> = { End: true }): Json => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: name, 'Payload.$': '$' },
  ...more,
});
