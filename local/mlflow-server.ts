import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { makeFolders } from '../adapters/files/make-folders.ts';
import { FanfareError } from '../core/errors.ts';

export interface MlflowServer {
  readonly uri: string;
  /** The server's process group; where another command started the server, that command. */
  readonly pid: number;
  /** Stops it with TERM and, 5 s later, KILL. Does nothing where another command started it. */
  close(): Promise<void>;
}

/** How long a server may take until it answers. On two busy cores 40 s were seen. */
const startMillis = 180_000;

/**
 * An MLflow server over a folder (database, artifacts, log), on a free port of 127.0.0.1: a new one, which answers after
 * about 15 s, or the one that another living command runs there. It ends with this process, however that ends.
 * `MissingInput` where the Python environment holds no MLflow; `TrackerUnavailable`, with the end of the log, where
 * it does not start.
 */
export async function startMlflow(place: {
  readonly venv: string;
  readonly folder: string;
}): Promise<MlflowServer> {
  const program = resolve(place.venv, 'bin', 'mlflow');
  const folder = resolve(place.folder);
  if (!existsSync(program)) {
    throw new FanfareError('MissingInput', `there is no MLflow at ${program}: \`npm start\` installs it`);
  }
  makeFolders(join(folder, 'artifacts'));
  for (;;) {
    const server = (await launch(program, folder)) ?? (await joinRunning(folder));
    if (server !== undefined) return server;
  }
}

/** Who serves the folder: `server.json`, made at once, before the server answers. */
const Claim = z.object({ uri: z.string(), owner: z.int() });
type Claim = z.infer<typeof Claim>;

/** A new server, or undefined where the folder has one or the port was lost to another program. */
async function launch(program: string, folder: string): Promise<MlflowServer | undefined> {
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  if (!(await claimFolder(folder, { uri, owner: process.pid }))) return undefined;
  const log = join(folder, 'server.log');
  const child = await spawnServer(program, folder, port, log);
  if (await untilAnswer(child, uri)) {
    return { uri, pid: child.pid ?? 0, close: () => stop(child, folder) };
  }
  await stop(child, folder);
  const last = await endOfLog(log);
  if (/address already in use/i.test(last)) return undefined;
  throw new FanfareError(
    'TrackerUnavailable',
    `the MLflow server of ${folder} did not start; ${log} ends with:\n${last}`,
  );
}

/** False where a living command has the folder. The file appears whole or not at all. */
async function claimFolder(folder: string, claim: Claim): Promise<boolean> {
  // The port makes the name this call's own.
  const draft = join(folder, `server.${new URL(claim.uri).port}.json`);
  await writeFile(draft, JSON.stringify(claim));
  try {
    await link(draft, claimPath(folder));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

const claimPath = (folder: string): string => join(folder, 'server.json');

/**
 * A shell that becomes the server, in a process group of its own, beside a watcher that reads a pipe from us: when we are
 * gone, even by SIGKILL, the read ends and the watcher ends the group.
 */
const script = `( trap '' TERM; read -r _ <&3; kill -TERM 0; sleep 5; kill -KILL 0 ) & exec "$@" 3<&-`;

async function spawnServer(
  program: string,
  folder: string,
  port: number,
  log: string,
): Promise<ChildProcess> {
  const output = await open(log, 'w');
  const hosts = ['127.0.0.1', 'localhost'].flatMap((host) => [host, `${host}:${port}`]);
  const server = [
    ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    ['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
    ['--artifacts-destination', join(folder, 'artifacts'), '--serve-artifacts'],
    ['--allowed-hosts', hosts.join(',')],
  ].flat();
  const child = spawn('sh', ['-c', script, 'sh', program, ...server], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', output.fd, output.fd, 'pipe'],
    // Its job runner would be eight more processes of 250 MB, for features that nothing here uses.
    env: {
      ...process.env,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: '1',
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    },
  });
  child.on('error', () => undefined);
  child.unref();
  const pipe = child.stdio[3];
  if (pipe && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  await output.close();
  return child;
}

/** False where the server ended, or `startMillis` went by, before it answered. */
async function untilAnswer(child: ChildProcess, uri: string): Promise<boolean> {
  const deadline = performance.now() + startMillis;
  while (performance.now() < deadline && !hasEnded(child)) {
    if (await answers(uri)) return true;
    await sleep(150);
  }
  return false;
}

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

async function answers(uri: string): Promise<boolean> {
  try {
    return (await fetch(`${uri}/health`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

async function endOfLog(log: string): Promise<string> {
  return (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-12).join('\n');
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  signalGroup(child, 'SIGTERM');
  const deadline = performance.now() + 5000;
  while (performance.now() < deadline && !hasEnded(child)) await sleep(50);
  signalGroup(child, 'SIGKILL');
  await rm(claimPath(folder), { force: true });
}

/** The group outlives its leader as long as the watcher reads. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of the group had ended.
  }
}

/** The server that another command runs on the folder, once it answers; undefined, and no claim any more, where none does. */
async function joinRunning(folder: string): Promise<MlflowServer | undefined> {
  const giveUp = performance.now() + startMillis;
  for (;;) {
    const claim = await readClaim(folder);
    if (claim === undefined) return undefined;
    const alive = isAlive(claim.owner);
    if (alive && (await answers(claim.uri))) {
      return { uri: claim.uri, pid: claim.owner, close: () => Promise.resolve() };
    }
    if (!alive || performance.now() > giveUp) {
      await rm(claimPath(folder), { force: true });
      return undefined;
    }
    await sleep(150);
  }
}

async function readClaim(folder: string): Promise<Claim | undefined> {
  try {
    return Claim.parse(JSON.parse(await readFile(claimPath(folder), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    // Something that this file never writes: as good as a dead owner's.
    return { uri: '', owner: 0 };
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The kernel's choice. Another program may take it before the server does; then the next one is tried. */
async function freePort(): Promise<number> {
  return await new Promise((found, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => found(port));
    });
  });
}
