import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileStore } from '../adapters/files/file-store.ts';
import { sweepScratch } from '../adapters/files/scratch.ts';
import {
  type FlowName,
  type FunctionLimits,
  type FunctionName,
  flows,
  functions,
  substitutionOf,
} from '../core/contracts/functions.ts';
import type { Json } from '../core/json.ts';
import type { ObjectStore } from '../core/store.ts';
import { functionProcesses, processesAhead } from './function-processes.ts';
import type { Engine, FlowEvent } from './interpreter/engine.ts';
import { execute } from './interpreter/execute.ts';
import type { FlowDefinition } from './interpreter/flow.ts';
import { loadFlow } from './interpreter/load.ts';

export interface LocalOptions {
  /** Where the objects are kept. */
  readonly store: string;
  /** The project's root: `flows/` and `dist/` lie in it. */
  readonly root: string;
  /** The tracking URI, once the server answers; undefined: there is none, and what should be recorded stays pending. */
  readonly mlflow: Promise<string | undefined>;
  /** Other limits than the contract's, for some functions. */
  readonly limits?: Readonly<Partial<Record<FunctionName, Partial<FunctionLimits>>>>;
  readonly signal?: AbortSignal;
  onEvent?(event: FlowEvent): void;
  /** A function that answered. */
  onAnswer?(functionName: FunctionName, request: Json, answer: Json): void;
  onLog?(functionName: string, line: string): void;
}

/** Step Functions, Lambda and S3 on this machine: the flows of `flows/` over the bundles of `functions/` and a folder. */
export interface LocalEngine {
  readonly store: ObjectStore;
  /** Starts processes whose functions the flow begins with, unless they are there. */
  expect(flow: FlowName): void;
  run(flow: FlowName, input: Json, name: string): Promise<Json>;
  invoke(functionName: FunctionName, request: Json): Promise<Json>;
  /** The most memory that a process of each function had, in MiB. */
  peaks(): Readonly<Record<string, number>>;
  /** Ends the processes, and clears away what killed ones, of this engine or of one before it, were about to write. */
  close(): Promise<void>;
}

/** A prediction that is planned for so long is of many shards, for which all processes are started meanwhile. */
const largeMs = 150;

export function startEngine(options: LocalOptions): LocalEngine {
  const store = fileStore(options.store);
  const cores = availableParallelism();
  const env = {
    FANFARE_STORE: options.store,
    FANFARE_PYTHON_LIBRARY: join(options.root, 'python/fanfare_trainable.py'),
    ...fromOurs('MLFLOW_TRACKING_TOKEN', 'MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'),
    ...fromOurs('FANFARE_PYTHON'),
  };
  const processes = processesAhead(options) ?? functionProcesses(options);
  const { workers } = processes;
  Object.assign(processes.env, env);
  processes.onLog = options.onLog;
  const invoke: Engine['invoke'] = async (name, request, limits) => {
    const uri = asksMlflow(name, request) ? await options.mlflow : undefined;
    if (uri !== undefined) processes.env.MLFLOW_TRACKING_URI = uri;
    const fanOut = () => workers.prepare('predict-shard', cores);
    const timer = name === 'plan-prediction' ? setTimeout(fanOut, largeMs) : undefined;
    try {
      const answer = await workers.invoke(name, request, {
        ...limits,
        // Without MLflow it does next to nothing.
        ...(name === 'aggregate' && uri === undefined && { like: 'plan-prediction' }),
      });
      options.onAnswer?.(name as FunctionName, request, answer);
      return answer;
    } finally {
      clearTimeout(timer);
    }
  };
  const definitions = loadFlows(options.root);
  const engine: Engine = {
    invoke,
    readObject: async (_bucket, key) => (await store.get(key))?.body,
    flow: (name) => definitions.get(name),
    now: Date.now,
    sleep: async (ms, signal) => {
      await sleep(ms, undefined, { signal }).catch(() => undefined);
    },
    random: Math.random,
    ...(options.onEvent && { observe: options.onEvent }),
  };
  return {
    store,
    expect: processes.expect,
    run: (flow, input, name) => {
      processes.expect(flow);
      if (flow === 'predict') void options.mlflow.then((uri) => uri && workers.prepare('aggregate'));
      return execute(engine, definitions.get(flow)!, input, {
        name,
        ...(options.signal && { signal: options.signal }),
      });
    },
    invoke: (name, request) =>
      invoke(name, request, { timeoutMs: undefined, signal: options.signal ?? new AbortController().signal }),
    peaks: () => workers.peaks(),
    close: async () => {
      await workers.close();
      await sweepScratch(options.store);
    },
  };
}

/** Only the aggregator does, which then waits until MLflow is up; a model that is named by its digest is in the store. */
function asksMlflow(name: string, request: Json): boolean {
  if (name !== 'aggregate') return false;
  const { kind, model } = request as { readonly kind?: Json; readonly model?: Json };
  return kind !== 'resolve' || typeof model !== 'string' || !model.startsWith('sha256:');
}

/** Of our environment: who we are to an MLflow server that asks, and which Python is meant. */
const fromOurs = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** The flows as they are deployed, with local names in place of ARNs; each is read when it is asked for. */
export function loadFlows(root: string): { get(name: string): FlowDefinition | undefined } {
  const substitutions = {
    ...Object.fromEntries(
      (Object.keys(functions) as FunctionName[]).map((name) => [substitutionOf(name, 'Function'), name]),
    ),
    ...Object.fromEntries(flows.map((name) => [substitutionOf(name, 'Flow'), name])),
    DataBucket: 'local',
    ShardExecutionType: 'STANDARD',
  };
  const loaded = new Map<string, FlowDefinition>();
  return {
    get: (given) => {
      const name = flows.find((flow) => flow === given);
      if (name === undefined) return undefined;
      const flow =
        loaded.get(name) ??
        loadFlow(name, readFileSync(join(root, 'flows', `${name}.asl.json`), 'utf8'), substitutions);
      loaded.set(name, flow);
      return flow;
    },
  };
}
