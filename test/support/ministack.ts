import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface MiniStack {
  readonly endpoint: string;
  /** The functions' processes are its children. */
  readonly pid: number;
  /** What the SDK, the CLI and cdklocal need to know of it. */
  readonly env: Readonly<Record<string, string>>;
  /** What the server wrote, for a failing test. */
  log(): Promise<string>;
  close(): Promise<void>;
}

/** How long the server may take until it answers: under a second alone, longer on busy cores. */
const startMillis = 60_000;

/** AWS on a free port of 127.0.0.1, with empty services. Lambda functions run as processes of this machine. */
export async function startMiniStack(): Promise<MiniStack> {
  const program = resolve('.venv/bin/ministack');
  if (!existsSync(program)) throw new Error(`there is no ${program}: npm test installs it`);
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-ministack-'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const logFile = join(folder, 'server.log');
  const log = () => readFile(logFile, 'utf8').catch(() => '');
  const child = await spawnServer(program, folder, port, logFile);
  const close = async () => {
    await stop(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  if (!(await untilAnswer(child, endpoint))) {
    const written = await log();
    await close();
    throw new Error(`MiniStack did not start on port ${port}:\n${written}`);
  }
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  return { endpoint, pid: child.pid ?? 0, env, log, close };
}

/** Ends with us, even by SIGKILL: a watcher in the server's process group reads a pipe that closes when we are gone. */
const script = `( trap '' TERM; read -r _ <&3; kill -TERM 0; sleep 5; kill -KILL 0 ) & exec "$@" 3<&-`;

async function spawnServer(program: string, folder: string, port: number, log: string) {
  const output = await open(log, 'w');
  const runtime = await lendSdk(folder);
  const { AWS_ENDPOINT_URL: _endpoint, AWS_PROFILE: _profile, ...inherited } = process.env;
  const child = spawn('sh', ['-c', script, 'sh', program], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', output.fd, output.fd, 'pipe'],
    env: {
      ...inherited,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      LAMBDA_EXECUTOR: 'local',
      TMPDIR: folder,
      NODE_PATH: runtime,
    },
  });
  child.on('error', () => undefined);
  await output.close();
  return child;
}

/** What Lambda's own runtime has besides Node: the AWS SDK, and nothing that a layer should bring. */
async function lendSdk(folder: string): Promise<string> {
  const runtime = join(folder, 'runtime');
  await mkdir(runtime);
  await symlink(resolve('node_modules/@aws-sdk'), join(runtime, '@aws-sdk'));
  return runtime;
}

async function untilAnswer(child: ChildProcess, endpoint: string): Promise<boolean> {
  const deadline = performance.now() + startMillis;
  while (performance.now() < deadline && !hasEnded(child)) {
    if (await answers(endpoint)) return true;
    await sleep(100);
  }
  return false;
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** The functions' processes are of its group. It may ignore TERM. */
async function stop(child: ChildProcess): Promise<void> {
  signalGroup(child, 'SIGTERM');
  const deadline = performance.now() + 3000;
  while (performance.now() < deadline && !hasEnded(child)) await sleep(50);
  signalGroup(child, 'SIGKILL');
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of the group had ended.
  }
}

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
