import { setTimeout as sleep } from 'node:timers/promises';
import { openFiles } from '../../adapters/files/open-files.ts';
import { openObjects } from '../../adapters/s3/open-objects.ts';
import { s3Store } from '../../adapters/s3/s3-store.ts';
import { type FlowName, flows } from '../../core/contracts/functions.ts';
import type { PredictionSpec, Spec } from '../../core/contracts/spec.ts';
import { uploadedLanes } from '../../core/contracts/uploads.ts';
import { FanfareError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type { OpenSources } from '../../core/store.ts';
import { bringSpecCode, libraryIn } from '../code/bring.ts';
import type { Engine, Job } from '../engine.ts';
import { keepJob } from '../last-job.ts';
import type { Reporter } from '../progress.ts';
import { type Clients, connect } from './clients.ts';
import { type Execution, type Executions, stackExecutions } from './executions.ts';
import { follow, type World } from './follow.ts';
import { lastJobOn, stopAll } from './jobs.ts';
import { runOnce } from './run-once.ts';
import { findStack } from './stack.ts';
import { bringTables } from './tables.ts';

export interface RemoteOptions {
  readonly stack: string;
  /** The project's root: `dist/` lies in it. */
  readonly root: string;
  readonly progress: Reporter;
  readonly signal: AbortSignal;
}

/** What runs is shown, and so many of each flow that does not any more. */
const shownExecutions = 5;

/** A stack on AWS, found by its outputs. Region, credentials and endpoint are the SDK's own settings. */
export async function openRemote({ stack, root, progress, signal }: RemoteOptions): Promise<Engine> {
  const clients = await connect(process.env);
  const { bucket, flows: arns } = await findStack(clients.outputs, stack, clients.where);
  const store = s3Store(clients.s3, bucket);
  const executions = stackExecutions(clients.sfn, arns);
  return {
    kind: 'aws',
    store,
    open: openerOf(clients),
    runs: async (prefix) =>
      (await latestOf(executions, prefix)).map((run) => ({ kind: 'execution', ...run })),
    place: `s3://${bucket}`,
    expect: () => {},
    lanes: ({ tune }) => Math.min(uploadedLanes, tune.trials),
    bring: async (spec) => {
      refusePython(spec);
      const coded = await bringSpecCode({ store, library: libraryIn(root) }, spec);
      return bringTables({ s3: clients.s3, store, bucket, signal, note: progress.note }, coded);
    },
    run: async (flow, job, input) => {
      signal.throwIfAborted();
      const spec = await keepJob(store, job);
      const run = {
        flow,
        name: job.spec.name,
        input: { spec, ...input },
        versions: await versionsOf(job, clients),
        settled: (output: Json) => isSettled(flow, job, output),
      };
      const goesOn = goesOnText(run.name, stack);
      const world: World = { executions, store, progress, sleep: pause, signal, goesOn };
      return runOnce(run, { executions, store, follow: (execution) => follow(world, execution) });
    },
    invoke: async () => {
      throw new FanfareError(
        'TrackerUnavailable',
        `on AWS the stack itself sends MLflow what it missed, every few minutes; fanfare status --engine aws --stack ${stack} shows what still waits`,
      );
    },
    last: (name) => lastJobOn(executions, store, name),
    stop: (name) => stopAll(executions, store, name),
    peaks: () => ({}),
    close: async () => clients.close(),
  };
}

/** Before anything is brought. */
function refusePython(spec: Spec | PredictionSpec): void {
  if (!('tune' in spec) || !/^python:|\.py$/.test(spec.tune.trainable)) return;
  throw new FanfareError(
    'InvalidSpec',
    `tune.trainable ${spec.tune.trainable}: a Python file runs on this machine alone; on AWS deploy it as a container image (examples/python-trainable) and name the function's ARN`,
  );
}

async function latestOf(executions: Executions, prefix: string): Promise<Execution[]> {
  const all = await Promise.all(flows.map((flow) => executions.list(flow, prefix, 'all')));
  return all.flatMap((one) =>
    one.filter(({ state }, index) => state === 'running' || index < shownExecutions),
  );
}

function goesOnText(name: string, stack: string): string {
  const options = `--engine aws${stack === 'Fanfare' ? '' : ` --stack ${stack}`}`;
  return `${name} goes on on AWS. To look: fanfare status ${name} ${options}; to end it: fanfare stop ${name} ${options}; to follow it again: the same command`;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function openerOf({ s3 }: Clients): OpenSources {
  const objects = openObjects(s3);
  return (uri) => (uri.startsWith('s3://') ? objects(uri) : openFiles(uri));
}

/** What the tables are now: one that was written anew is another run, although its place is the same. */
async function versionsOf({ command, spec }: Job, clients: Clients): Promise<Json> {
  // Which rows were rejected is told by the prediction's name, and what was changed in them by a digest.
  if (command === 'map' || spec.predict.rejects) return [];
  const open = openerOf(clients);
  const tables = [spec.table, ...(spec.predict.table ? [spec.predict.table] : [])];
  const sources = await Promise.all(tables.map(({ path }) => open(path)));
  return sources.map((files) => files.map(({ name, size, etag }) => [name, size, etag]));
}

/**
 * An outcome stands for good, unless MLflow still lacks a record of it, or the champion moved while it was compared, or
 * an alias said which model was meant: that may be another by now. Doing it again computes nothing anew.
 */
function isSettled(flow: FlowName, { command, spec, model }: Job, output: Json): boolean {
  // A dataset is named by what it is made of.
  if (command === 'map') return true;
  const byAlias = !/^(sha256:|models:\/[^@]+$)/.test(model ?? spec.predict.model ?? '');
  const open = /"recorded":false|"decision":"undecided"/.test(JSON.stringify(output));
  return !open && !(flow === 'predict' && byAlias);
}
