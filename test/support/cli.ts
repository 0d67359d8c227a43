import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The command as it is shipped, in a folder of its own: `home` holds its objects, `path` makes names for tables and specs. */
export interface Desk {
  readonly home: string;
  path(name: string): string;
  /** Writes a file and answers with its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  run(args: readonly string[], env?: Env): Promise<Ended>;
  start(args: readonly string[], env?: Env): Running;
  /** Ends what still runs and removes the folder. */
  clear(): Promise<void>;
}

type Env = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it wrote so far. */
  said(): { readonly stdout: string; readonly stderr: string };
}

export async function openDesk(): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-e2e-'));
  const home = join(folder, 'home');
  const started = new Set<Running>();
  const path = (name: string) => join(folder, name);
  const start: Desk['start'] = (args, env = {}) => {
    const running = spawnCli(args.includes('--home') ? args : [...args, '--home', home], env);
    started.add(running);
    void running.ended.then(() => started.delete(running));
    return running;
  };
  return {
    home,
    path,
    start,
    write: async (name, content) => {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), content);
      return path(name);
    },
    run: (args, env) => start(args, env).ended,
    clear: async () => {
      const left = [...started];
      for (const { child } of left) child.kill('SIGKILL');
      await Promise.all(left.map(({ ended }) => ended));
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Plain text, and no MLflow but the one that `env` names. */
function spawnCli(args: readonly string[], env: Env): Running {
  const { MLFLOW_TRACKING_URI: _uri, FANFARE_HOME: _home, FORCE_COLOR: _color, ...inherited } = process.env;
  const child = spawn(process.execPath, [resolve('dist/cli/fanfare.mjs'), ...args], {
    env: { ...inherited, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const ended = new Promise<Ended>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done({ code, signal, ...said }));
  });
  return { child, ended, said: () => said };
}

/** The one JSON document on stdout of a command that succeeded. */
export function documentOf(ended: Ended): unknown {
  if (ended.code !== 0) throw new Error(`exit ${ended.code ?? ended.signal}: ${ended.stderr}`);
  return JSON.parse(ended.stdout);
}

/** The files below a folder and when each was written, by the path from there; empty where there is no folder. */
export async function filesBelow(folder: string): Promise<Map<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  return new Map(
    await Promise.all(
      files.map(async (file) => [relative(folder, file), (await stat(file)).mtimeMs] as const),
    ),
  );
}

/** The JSON objects below a folder whose paths hold `part`, in their order. */
export async function objectsBelow(folder: string, part: string): Promise<unknown[]> {
  const names = [...(await filesBelow(folder)).keys()].filter((name) => name.includes(part));
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
}

/** Looks every few milliseconds until there is something. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(20);
  }
}

const badInput = new Set(['InvalidSpec', 'MissingInput', 'BadTable', 'BadModel']);

/** As docs/cli.md has it. */
const codeOf = (name: string): number =>
  badInput.has(name) ? 3 : name === 'TrackerUnavailable' ? 4 : name === 'Usage' ? 2 : 1;

/** What a command said that was refused: one message on stderr, no stack, the exit code of its name, and on stdout at most the same as JSON. */
export function refusal({ code, stdout, stderr }: Ended): string {
  const [progress, message, ...more] = stderr.split(/^fanfare: /m);
  const stack = /^\s+at /m.test(stderr);
  if (message === undefined || more.length > 0 || stack) throw new Error(`not one clear message: ${stderr}`);
  if (/error/i.test(progress ?? '')) throw new Error(`an error before the message: ${stderr}`);
  const [, name = ''] = /^(\w+): /.exec(message) ?? [];
  if (code !== codeOf(name)) throw new Error(`exit ${code}, and not ${codeOf(name)}: ${stderr}`);
  const document =
    stdout === '' ? undefined : (JSON.parse(stdout) as { error: { name: string; exit: number } });
  if (document && (document.error.name !== name || document.error.exit !== code)) {
    throw new Error(`stdout and stderr say different things: ${stdout}, ${stderr}`);
  }
  return message.trimEnd();
}
