import * as z from 'zod';
import { type FlowName, flows } from '../../core/contracts/functions.ts';
import { keys } from '../../core/contracts/keys.ts';
import { Digest, Name } from '../../core/contracts/names.ts';
import { digestOf } from '../../core/digest.ts';
import { FanfareError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import { findObject } from '../../core/steps/objects.ts';
import type { ObjectStore } from '../../core/store.ts';
import { FlowFailed } from '../../local/interpreter/errors.ts';
import type { Described, Execution, Executions } from './executions.ts';

/** One run of a flow, as its specification's name, its input and the versions of its tables tell it from others. */
export interface Run {
  readonly flow: FlowName;
  /** The specification's. */
  readonly name: string;
  readonly input: Json;
  /** What else the outcome hangs on: the tables' names, sizes and ETags. */
  readonly versions: Json;
  /** Whether an earlier outcome counts: not where the input names something that moves, such as an alias. */
  readonly settled: (output: Json) => boolean;
}

export interface Runner {
  readonly executions: Executions;
  readonly store: ObjectStore;
  /** Resolves when the execution is over. */
  follow(execution: Pick<Execution, 'flow' | 'name'>): Promise<Described>;
}

/**
 * The output of the run: of the execution that is at it now, of one that did it before, or of a new one. Executions are
 * called `<name>-<12 hex digits of input and versions>-<n>`, n from 1; a failed or stopped one has a successor, which goes
 * on where it ended. At most 55 characters for a name of 40, so that nested flows can put theirs before it.
 */
export async function runOnce(run: Run, runner: Runner): Promise<Json> {
  const { executions, follow } = runner;
  const stem = `${run.name}-${(await digestOf([run.input, run.versions])).slice(0, 12)}`;
  for (let n = 1; ; n++) {
    const name = `${stem}-${n}`;
    const before = await executions.describe(run.flow, name);
    if (before?.state === 'running') return outputOf(await follow(before));
    if (before?.state === 'succeeded' && run.settled(before.output)) return before.output;
    if (before) continue;
    const other = await sameOrNone(run, runner);
    if (other) return outputOf(await follow(other));
    // Somebody else may have been quicker by a moment, with the same name and the same input: theirs is followed.
    await executions.start(run.flow, name, run.input);
    return outputOf(await follow({ flow: run.flow, name }));
  }
}

/** An execution under another name (an upload started it) that does the same; an error if it does something else. */
async function sameOrNone(run: Run, { executions, store }: Runner): Promise<Execution | undefined> {
  const running = await executionsOf(executions, store, run.name, 'running');
  const wanted = await digestOf(run.input);
  for (const other of running) {
    if (other.flow === run.flow && (await digestOf(other.input)) === wanted) return other;
  }
  const [other] = running;
  if (other === undefined) return undefined;
  const since = new Date(other.startedAt).toISOString();
  throw new FanfareError(
    'AlreadyRunning',
    `${run.name} is being run by execution ${other.name} of flow ${other.flow}, since ${since}; wait for it, or stop it: fanfare stop ${run.name} --engine aws`,
  );
}

const Started = z.object({ spec: Digest });
const Nested = z.object({ AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.string() });
const Named = z.object({ name: Name });

/**
 * The executions of a specification's name that people or uploads started (not those that a flow nests), the latest first.
 * The name is the stored specification's own: `churn` is not the beginning of `churn-eu`.
 */
export async function executionsOf(
  executions: Executions,
  store: ObjectStore,
  name: string,
  which: 'running' | 'all',
): Promise<Described[]> {
  const listed = await Promise.all(flows.map((flow) => executions.list(flow, `${name}-`, which)));
  const found: Described[] = [];
  for (const { flow, name: execution } of listed.flat()) {
    const described = await executions.describe(flow, execution);
    if (described === undefined || Nested.safeParse(described.input).success) continue;
    const spec = Started.safeParse(described.input).data?.spec;
    if (spec === undefined) continue;
    const named = await findObject(store, keys.spec(spec), Named);
    if (named?.name === name) found.push(described);
  }
  return found.sort((a, b) => b.startedAt - a.startedAt);
}

function outputOf({ flow, name, state, output, error, cause }: Described): Json {
  switch (state) {
    case 'succeeded':
      return output;
    case 'stopped':
      throw new FlowFailed(
        flow,
        'Stopped',
        `execution ${name} was stopped; the same command goes on from there`,
      );
    case 'timed-out':
      throw new FlowFailed(
        flow,
        'TimedOut',
        `execution ${name} took too long; the same command goes on from there`,
      );
    case 'running':
    case 'failed':
      throw new FlowFailed(flow, error, cause);
  }
}
