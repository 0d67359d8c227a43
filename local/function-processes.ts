import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type FlowName,
  type FunctionLimits,
  type FunctionName,
  functions,
} from '../core/contracts/functions.ts';
import { startWorkers, type Workers } from './workers/workers.ts';

/** Functions that share processes: to start one for each would take longer than most of what they do. */
const shared: Readonly<Record<string, readonly FunctionName[]>> = {
  brief: ['ask', 'tell', 'finish-study', 'lose-shard'],
  planning: ['plan-split', 'commit-split', 'plan-map', 'plan-prediction', 'commit-prediction', 'evaluate'],
};

const processOf: ReadonlyMap<string, string> = new Map(
  Object.entries(shared).flatMap(([process, names]) => names.map((name) => [name, process])),
);

/** Whether its bundle is to have in common with others what it has in common with them. */
const isShared = (name: string): boolean => processOf.has(name) || name === 'aggregate';

/** Whose processes start at once, side by side, when a flow does: of those that are short enough for it to be told. */
const ahead: Readonly<Partial<Record<FlowName, readonly FunctionName[]>>> = {
  predict: ['plan-prediction', 'predict-shard'],
};

export interface ProcessesOptions {
  /** The project's root: `dist/` lies in it. */
  readonly root: string;
  /** Other limits than the contract's, for some functions. */
  readonly limits?: Readonly<Partial<Record<FunctionName, Partial<FunctionLimits>>>>;
}

export interface FunctionProcesses {
  readonly workers: Workers;
  /** What the functions see. */
  readonly env: Record<string, string>;
  /** Each line that a function prints. */
  onLog: ((functionName: string, line: string) => void) | undefined;
  /** Starts processes whose functions the flow begins with, unless they are there. */
  expect(flow: FlowName): void;
}

/** The bundles of `functions/` in warm processes. */
export function functionProcesses({ root, limits: others }: ProcessesOptions): FunctionProcesses {
  const env: Record<string, string> = {};
  const workers = startWorkers({
    entry: join(root, 'dist/local/worker.mjs'),
    bundleFor: (name) =>
      join(root, isShared(name) ? 'dist/local/functions' : 'dist/functions', `${name}.mjs`),
    limits: (name) => {
      const own = { ...functions[name as FunctionName], ...others?.[name as FunctionName] };
      const { concurrency, ...limits } = own;
      return { ...limits, concurrency: concurrency ?? availableParallelism() };
    },
    processOf: (name) => processOf.get(name) ?? name,
    env,
    onLog: (name, line) => processes.onLog?.(name, line),
  });
  const processes: FunctionProcesses = {
    ...{ workers, env, onLog: undefined },
    expect: (flow) => {
      for (const each of ahead[flow] ?? []) workers.prepare(each);
    },
  };
  return processes;
}

let early: FunctionProcesses | undefined;

/**
 * Starts the first of a flow's processes before there is an engine; the others would only take the processor away from what
 * opens one. Whoever asks for it ends them, too.
 */
export function startAhead(root: string, flow: FlowName): Workers {
  early = functionProcesses({ root });
  for (const first of ahead[flow]?.slice(0, 1) ?? []) early.workers.prepare(first);
  return early.workers;
}

/** Those that were started ahead, for the first engine that has no limits of its own. */
export function processesAhead({ limits }: ProcessesOptions): FunctionProcesses | undefined {
  if (limits) return undefined;
  const there = early;
  early = undefined;
  return there;
}
