import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startMlflow } from '../local/mlflow-server.ts';
import { root } from './root.ts';

/** Where the environment with MLflow is, if `npm start` made one. */
export const venv: string = join(root, '.venv');

/** The MLflow that a folder's jobs record to. */
export interface RecordServer {
  /** Where it answers, once it was asked for and does; undefined: there is none. */
  readonly uri: Promise<string | undefined>;
  /** Has it come up, if it is to be at all. Never waits, never fails. */
  start(): void;
  close(): Promise<void>;
}

/** The server that MLFLOW_TRACKING_URI names, or one of our own where Python has MLflow, or none; `note` is told why not. */
export function recordServer(wanted: boolean, home: string, note: (line: string) => void): RecordServer {
  let answered: (uri: string | undefined) => void = () => {};
  const uri = new Promise<string | undefined>((resolve) => {
    answered = resolve;
  });
  let opened: ReturnType<typeof open> | undefined;
  return {
    uri,
    start() {
      if (opened !== undefined) return;
      opened = wanted ? open(home, note) : Promise.resolve(none);
      void opened.then((server) => answered(server.uri));
    },
    close: async () => (await opened)?.close(),
  };
}

const none = { uri: undefined, close: async () => {} };

async function open(home: string, note: (line: string) => void) {
  const named = process.env.MLFLOW_TRACKING_URI;
  if (named) return { ...none, uri: named };
  if (!existsSync(join(venv, 'bin/mlflow'))) return none;
  try {
    return await startMlflow({ venv, folder: join(home, 'mlflow') });
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
    return none;
  }
}
