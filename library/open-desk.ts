import { basename, resolve } from 'node:path';
import { keys } from '../core/contracts/keys.ts';
import { readHistory } from '../core/search/study-folder.ts';
import type { ObjectStore } from '../core/store.ts';
import type { Engine } from './engine.ts';
import type { Desk } from './jobs.ts';
import { openLocal } from './local/engine.ts';
import { type Progress, type Reporter, trackProgress } from './progress.ts';
import { recordServer } from './record.ts';
import { openRemote } from './remote/engine.ts';
import { root } from './root.ts';

export interface FanfareOptions {
  /** Where objects and the MLflow database are kept: `.fanfare` in the current folder where it is left out. */
  readonly home?: string;
  /** This machine (the default), or a stack on AWS, found by the AWS SDK's own settings. */
  readonly engine?: 'local' | 'aws';
  /** The stack that `npm run deploy` made; `Fanfare` where it is left out. */
  readonly stack?: string;
  /** False: start no MLflow server; the record is kept, and `sync` sends it later. `MLFLOW_TRACKING_URI` names a server of your own. */
  readonly mlflow?: boolean;
  /** Is told what happens while a job runs; must not throw. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends what runs here, with its reason as the error; `resume` goes on with it. On AWS it only ends the following. */
  readonly signal?: AbortSignal;
}

/** Where jobs run, what is told of them, and where they are recorded. `MissingInput` where there is no such stack. */
export async function openDesk(options: FanfareOptions): Promise<Desk> {
  const home = resolve(options.home ?? '.fanfare');
  const signal = options.signal ?? new AbortController().signal;
  let engine: Engine | undefined;
  const progress = trackProgress({
    tell: options.onProgress ?? (() => {}),
    now: Date.now,
    historyOf: (study) => readHistory(engine!.store, study),
    doneOf: (job) => doneShards(engine!.store, job),
  });
  const remote = options.engine === 'aws';
  const record = recordServer(options.mlflow !== false && !remote, home, progress.note);
  engine = remote
    ? await openRemote({ stack: options.stack ?? 'Fanfare', root, progress, signal })
    : openLocal(home, { root, mlflow: record.uri, signal, ...toldOf(progress) });
  return { engine, progress, record };
}

const toldOf = ({ onEvent, onAnswer, note }: Reporter) => ({
  onEvent,
  onAnswer,
  onLog: (name: string, line: string) => note(`${name}: ${line}`),
});

async function doneShards(store: ObjectStore, job: string): Promise<Set<number>> {
  const done = new Set<number>();
  for await (const { key } of store.list(keys.receipts(job))) done.add(Number(basename(key, '.json')));
  return done;
}
