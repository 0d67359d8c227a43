import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { FlowName } from '../core/contracts/functions.ts';
import { keys } from '../core/contracts/keys.ts';
import { directionOf, type Spec } from '../core/contracts/spec.ts';
import { digestOf } from '../core/digest.ts';
import { FanfareError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { readSpec } from '../core/spec/read.ts';
import { encodeJson } from '../core/store.ts';
import { type LocalEngine, startEngine } from '../local/engine.ts';
import { lock } from '../local/lock.ts';
import { startMlflow } from '../local/mlflow-server.ts';
import { type Progress, startProgress } from './output/progress.ts';

/** The project's root, seen from dist/cli/fanfare.mjs. */
const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Options {
  readonly home: string;
  readonly json?: true;
  readonly mlflow: boolean;
}

/** A command with the options that all have. */
export const command = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option(
      '--home <folder>',
      'where objects and the MLflow database are kept',
      process.env.FANFARE_HOME ?? '.fanfare',
    )
    .option('--json', 'print one JSON document on stdout, progress on stderr')
    .option('--no-mlflow', 'start no MLflow server: keep the record and send it later with fanfare sync');

/** What a command works with. */
export interface Session {
  readonly engine: LocalEngine;
  readonly progress: Progress;
  /** Where MLflow answers, once it does; undefined: nowhere. */
  readonly mlflow: Promise<string | undefined>;
}

/** Opens the folder and, where there is one, MLflow; closes both whatever happens. */
export async function withSession<T>(options: Options, work: (session: Session) => Promise<T>): Promise<T> {
  const home = resolve(options.home);
  const progress = startProgress();
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort('interrupted; the same command goes on from here');
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
  const server = openMlflow(options, home, progress);
  const mlflow = server.then(({ uri }) => uri);
  const engine = startEngine({
    store: join(home, 'store'),
    root,
    mlflow,
    signal: interrupt.signal,
    onEvent: progress.onEvent,
    onAnswer: progress.onAnswer,
    onLog: (name, line) => progress.note(`${name}: ${line}`),
  });
  try {
    return await work({ engine, progress, mlflow });
  } finally {
    progress.end();
    await engine.close();
    await (await server).close();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

/** The server that MLFLOW_TRACKING_URI names, or one of our own where Python has MLflow, or none. Never fails. */
async function openMlflow(options: Options, home: string, progress: Progress) {
  const none = { uri: undefined, close: async () => {} };
  if (!options.mlflow) return none;
  const named = process.env.MLFLOW_TRACKING_URI;
  if (named) return { uri: named, close: async () => {} };
  const venv = join(root, '.venv');
  if (!existsSync(join(venv, 'bin/mlflow'))) return none;
  try {
    return await startMlflow({ venv, folder: join(home, 'mlflow') });
  } catch (error) {
    progress.note(error instanceof Error ? error.message : String(error));
    return none;
  }
}

/** Reads a specification and names its tables by absolute paths. */
export async function loadSpec(file: string): Promise<Spec> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new FanfareError('MissingInput', `specification ${file}: ${why}`, { cause });
  });
  const spec = readSpec(text, file);
  const located = <T extends { readonly path: string }>(table: T): T => ({
    ...table,
    path: /^[a-z0-9]+:\/\//.test(table.path) ? table.path : resolve(dirname(file), table.path),
  });
  const { table } = spec.predict;
  return {
    ...spec,
    table: located(spec.table),
    predict: { ...spec.predict, ...(table && { table: located(table) }) },
  };
}

/** As many trials at once as the specification says, or as there are cores. */
export const lanesOf = ({ tune }: Spec): number => tune.lanes ?? availableParallelism();

/** Runs a flow on the specification: nobody else runs one of that name meanwhile. */
export async function runFlow(
  { engine, progress }: Session,
  flow: FlowName,
  spec: Spec,
  input: Readonly<Record<string, Json>>,
): Promise<Json> {
  progress.seek(directionOf(spec.tune.metric));
  const release = await lock(engine.store, spec.name);
  try {
    const digest = await digestOf(spec);
    await engine.store.put(keys.spec(digest), encodeJson(spec));
    const execution = `${spec.name}-${new Date().toISOString().replace(/[^0-9]/g, '')}`;
    return await engine.run(flow, { spec: digest, ...input }, execution);
  } finally {
    await release();
  }
}
