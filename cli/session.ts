import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { mapCode } from '../core/code/references.ts';
import type { FlowName } from '../core/contracts/functions.ts';
import { directionOf, type Spec } from '../core/contracts/spec.ts';
import { FanfareError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { readSpec } from '../core/spec/read.ts';
import { startMlflow } from '../local/mlflow-server.ts';
import type { Engine, Job } from './engine.ts';
import { openLocal } from './local/engine.ts';
import { type Progress, startProgress } from './output/progress.ts';
import { openRemote } from './remote/engine.ts';

/** The project's root, seen from dist/cli/fanfare.mjs. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Options {
  readonly home: string;
  readonly json?: true;
  readonly mlflow: boolean;
  readonly engine: 'local' | 'aws';
  readonly stack: string;
}

/** A command that works in a folder of this machine. */
export const localCommand = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option(
      '--home <folder>',
      'where objects and the MLflow database are kept',
      process.env.FANFARE_HOME ?? '.fanfare',
    )
    .option('--json', 'print one JSON document on stdout, progress on stderr')
    .option('--no-mlflow', 'start no MLflow server: keep the record and send it later with fanfare sync');

/** A command with the options that all have, and a choice of where it works. */
export const command = (name: string, description: string): Command =>
  localCommand(name, description)
    .addOption(
      new Option('--engine <where>', 'this machine, or a stack on AWS (AWS_REGION, AWS_PROFILE …)')
        .choices(['local', 'aws'])
        .default('local')
        .env('FANFARE_ENGINE'),
    )
    .addOption(
      new Option('--stack <name>', 'the stack that npm run deploy made')
        .default('Fanfare')
        .env('FANFARE_STACK'),
    );

/** What a command works with. */
export interface Session {
  readonly engine: Engine;
  readonly progress: Progress;
  /** Where a server of ours answers, once it does; undefined: nowhere, or the stack has its own. */
  readonly mlflow: Promise<string | undefined>;
}

/** Opens the folder (and, where there is one, MLflow) or the stack; closes it whatever happens. */
export async function withSession<T>(options: Options, work: (session: Session) => Promise<T>): Promise<T> {
  const home = resolve(options.home);
  const progress = startProgress();
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort('interrupted; the same command goes on from here');
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
  const { signal } = interrupt;
  const server = openMlflow(
    { ...options, mlflow: options.mlflow && options.engine === 'local' },
    home,
    progress,
  );
  const mlflow = server.then(({ uri }) => uri);
  let engine: Engine | undefined;
  try {
    engine =
      options.engine === 'aws'
        ? await openRemote({ stack: options.stack, root, progress, signal })
        : openLocal(home, { root, mlflow, signal, ...told(progress) });
    return await work({ engine, progress, mlflow });
  } finally {
    progress.end();
    await engine?.close();
    await (await server).close();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

const told = ({ onEvent, onAnswer, note }: Progress) => ({
  onEvent,
  onAnswer,
  onLog: (name: string, line: string) => note(`${name}: ${line}`),
});

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

/** Reads a specification and names its tables and user code by absolute paths. */
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
  const tables = {
    ...spec,
    table: located(spec.table),
    predict: { ...spec.predict, ...(table && { table: located(table) }) },
  };
  return mapCode(tables, (reference) =>
    reference.startsWith('code:') ? reference : resolve(dirname(file), reference),
  );
}

/** As many trials at once as the specification says, or as the engine is good for. */
export const lanesOf = ({ engine }: Session, spec: Spec): number => spec.tune.lanes ?? engine.lanes(spec);

/** Runs a flow of the job: nobody else runs one of that name meanwhile. */
export function runFlow(
  { engine, progress }: Session,
  flow: FlowName,
  job: Job,
  input: Readonly<Record<string, Json>>,
): Promise<Json> {
  if (job.command !== 'map') progress.seek(directionOf(job.spec.tune.metric));
  return engine.run(flow, job, input);
}
