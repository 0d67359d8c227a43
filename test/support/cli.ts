import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** The command as it is shipped, in a folder of its own: `home` holds its objects, `path` makes names for tables and specs. */
export interface Desk {
  readonly home: string;
  path(name: string): string;
  /** Writes a file and answers with its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  /** Ends what still runs and removes the folder. */
  clear(): Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export async function openDesk(): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-e2e-'));
  const home = join(folder, 'home');
  const started = new Set<Running>();
  const path = (name: string) => join(folder, name);
  const start: Desk['start'] = (args, env = {}) => {
    const running = spawnCli([...args, '--home', home], env);
    started.add(running);
    void running.ended.then(() => started.delete(running));
    return running;
  };
  return {
    home,
    path,
    start,
    write: async (name, content) => {
      await writeFile(path(name), content);
      return path(name);
    },
    run: (args, env) => start(args, env).ended,
    clear: async () => {
      for (const { child } of started) child.kill('SIGKILL');
      await Promise.all([...started].map(({ ended }) => ended));
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Plain text, and no MLflow but the one that `env` names. */
function spawnCli(args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const { MLFLOW_TRACKING_URI: _uri, FANFARE_HOME: _home, FORCE_COLOR: _color, ...inherited } = process.env;
  const child = spawn(process.execPath, [resolve('dist/cli/fanfare.mjs'), ...args], {
    env: { ...inherited, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const closed = new Promise<Pick<Ended, 'code' | 'signal'>>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done({ code, signal }));
  });
  const ended = Promise.all([closed, output]).then(([end, [stdout, stderr]]) => ({ ...end, stdout, stderr }));
  return { child, ended };
}

/** The one JSON document on stdout of a command that succeeded. */
export function documentOf(ended: Ended): unknown {
  if (ended.code !== 0) throw new Error(`exit ${ended.code ?? ended.signal}: ${ended.stderr}`);
  return JSON.parse(ended.stdout);
}

/** The paths of the files below a folder that hold `part`, sorted; none where there is no folder. */
export async function filesBelow(folder: string, part = ''): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file.includes(part))
    .toSorted();
}

/** The JSON objects of a store whose keys hold `part`. */
export const objectsBelow = async (folder: string, part: string): Promise<unknown[]> =>
  Promise.all((await filesBelow(folder, part)).map(async (file) => JSON.parse(await readFile(file, 'utf8'))));

/** Looks every few milliseconds until there is something. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(20);
  }
}
