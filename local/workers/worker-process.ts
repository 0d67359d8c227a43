import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Json } from '../../core/json.ts';
import { Aborted, TaskError } from '../interpreter/errors.ts';
import { guardedNode } from './guarded-node.ts';
import { residentMiB } from './memory.ts';
import { type Answer, type Failure, failureNames, type Invocation, type Preparation } from './protocol.ts';

export interface FunctionLimits {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** Processes at once. */
  readonly concurrency: number;
}

export interface ProcessOptions {
  /** The function that it serves, or what several that share it are called together. */
  readonly name: string;
  readonly entry: string;
  /** What `name` is told by in a list of processes. */
  readonly label: string;
  /** Whether what it does takes moments. */
  readonly brief: boolean;
  readonly limits: FunctionLimits;
  readonly env: Readonly<Record<string, string>>;
  onLog(functionName: string, line: string): void;
  onMemory(functionName: string, rssMiB: number): void;
}

/** A function as one process knows it. */
interface Bundled {
  readonly functionName: string;
  readonly bundle: string;
}

export interface WorkerProcess {
  readonly name: string;
  readonly pid: number | undefined;
  /** Imports a bundle before an invocation names it. */
  prepare(bundle: string): void;
  /** One at a time. A failure that costs the process its life rejects only when the process is gone. */
  invoke(
    bundled: Bundled,
    event: Json,
    limits: { readonly timeoutMs: number | undefined; readonly signal: AbortSignal },
  ): Promise<Json>;
  kill(): void;
  readonly exited: Promise<void>;
}

/** A bundle may take so long to import before its first invocation; Lambda allows 10 s, on a machine of its own. */
const importMs = 60_000;
const memoryCheckMs = 200;

export function startProcess(options: ProcessOptions): WorkerProcess {
  const { name, label, limits } = options;
  const [execPath, ...before] = guardedNode();
  const told = options.brief || before.length > 0;
  const child = fork(options.entry, told ? [label, 'told'] : [label], {
    env: environment(options),
    execPath,
    execArgv: [
      ...before,
      '--enable-source-maps',
      `--max-old-space-size=${Math.ceil(limits.memoryMiB)}`,
      // A process has one core. Columns come and go outside of V8's heap, which has it collect often: threads that help, and
      // marking little by little, took a quarter of a shard's processor time.
      '--single-threaded-gc',
      '--no-incremental-marking',
      // Code is optimized after eight times as much of it has run as by default: what has many parts and a few hot loops, in
      // kernels mostly, spent a fifth of a prediction's processor time on being compiled.
      '--interrupt-budget=1000000',
    ],
    serialization: 'json',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => options.onLog(serving, line));
  }
  const imported = new Set<string>();
  let serving = name;
  let doomed: Error | undefined;
  const kill = (why: Error): void => {
    doomed ??= why;
    child.kill('SIGKILL');
  };
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return {
    name,
    pid: child.pid,
    // Where the channel is broken, the invocation is told.
    prepare: (bundle) => void child.send({ prepare: bundle } satisfies Preparation, () => {}),
    invoke: (bundled, event, { timeoutMs, signal }) => {
      serving = bundled.functionName;
      return converse(child, options, bundled, event, {
        ...{ timeoutMs, signal, kill, imported },
        doomed: () => doomed,
      });
    },
    kill: () => kill(new Aborted('the pool was closed')),
    exited,
  };
}

/** As bare as Lambda's: nothing of the parent's but what a program needs to run at all. UTC, as in Lambda. */
function environment({ name, limits, env }: ProcessOptions): Record<string, string> {
  const inherited = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'NODE_EXTRA_CA_CERTS'].flatMap(
    (variable) => {
      const value = process.env[variable];
      return value === undefined ? [] : [[variable, value] as const];
    },
  );
  return {
    ...Object.fromEntries(inherited),
    TZ: 'UTC',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(limits.memoryMiB),
    ...env,
  };
}

interface Conversation {
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
  /** The bundles that the process has. */
  readonly imported: Set<string>;
  kill(why: Error): void;
  doomed(): Error | undefined;
}

function converse(
  child: ChildProcess,
  options: ProcessOptions,
  { functionName, bundle }: Bundled,
  event: Json,
  talk: Conversation,
): Promise<Json> {
  const ownMs = options.limits.timeoutSeconds * 1000;
  const callerMs = talk.timeoutMs ?? Infinity;
  const requestId = randomUUID();
  const expire = () =>
    talk.kill(callerMs < ownMs ? stateTimeout(callerMs) : functionTimeout(requestId, ownMs));
  const grown = (rssMiB: number) => {
    options.onMemory(functionName, rssMiB);
    if (rssMiB > options.limits.memoryMiB) talk.kill(outOfMemory(requestId, rssMiB, options.limits));
  };
  return new Promise((resolve, reject) => {
    const begin = () => setTimeout(expire, Math.min(ownMs, callerMs));
    let timer = talk.imported.has(bundle)
      ? begin()
      : setTimeout(() => talk.kill(functionTimeout(requestId, importMs)), importMs);
    const stopWatching = watchMemory(child, (peak) => options.onMemory(functionName, peak), grown);
    const onAnswer = (answer: Answer) => {
      if (answer.kind === 'memory') return grown(answer.rssMiB);
      clearTimeout(timer);
      if (answer.kind === 'ready') {
        talk.imported.add(bundle);
        timer = begin();
        return;
      }
      if (answer.kind === 'failed' && answer.fatal) return talk.kill(taskError(answer.failure));
      end();
      if (answer.kind === 'done') resolve(JSON.parse(answer.text) as Json);
      else reject(taskError(answer.failure));
    };
    const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
      end();
      reject(talk.doomed() ?? exitError(requestId, code, signal));
    };
    const onError = (error: Error) => {
      end();
      reject(taskError({ errorType: failureNames.exited, errorMessage: String(error) }));
    };
    const onAbort = () => talk.kill(reasonOf(talk.signal));
    const end = () => {
      clearTimeout(timer);
      stopWatching();
      child.off('message', onAnswer).off('exit', onExit).off('error', onError);
      talk.signal.removeEventListener('abort', onAbort);
    };
    child.on('message', onAnswer).on('exit', onExit).on('error', onError);
    talk.signal.addEventListener('abort', onAbort);
    if (child.exitCode !== null || child.signalCode !== null) return onExit(child.exitCode, child.signalCode);
    const timeoutMs = Math.min(ownMs, callerMs);
    const { env } = options;
    const invocation: Invocation = { requestId, functionName, bundle, event, timeoutMs, env };
    child.send(invocation, (error) => {
      // Its exit, which follows, says more than the broken channel.
      if (error && child.connected) onError(error);
    });
  });
}

/** Looks at the process while it works, and a last time for its peak when it has done, if it was not looked at just before. */
function watchMemory(
  child: ChildProcess,
  peaked: (rssMiB: number) => void,
  grown: (rssMiB: number) => void,
): () => void {
  let working = true;
  const look = async () => {
    lastLook.set(child, performance.now());
    const resident = await residentMiB(child.pid ?? 0);
    if (resident) peaked(resident.peak);
    if (resident && working) grown(resident.now);
  };
  const timer = setInterval(look, memoryCheckMs);
  return () => {
    working = false;
    clearInterval(timer);
    if (performance.now() - (lastLook.get(child) ?? -Infinity) > memoryCheckMs) void look();
  };
}

const lastLook = new WeakMap<ChildProcess, number>();

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Aborted(String(signal.reason));

/** As Step Functions tells it: the type is the Error, the whole of it the Cause. */
const taskError = (failure: Failure): TaskError => new TaskError(failure.errorType, JSON.stringify(failure));

const stateTimeout = (ms: number): TaskError =>
  new TaskError('States.Timeout', `still running after ${(ms / 1000).toFixed(2)} s`);

const functionTimeout = (requestId: string, ms: number): TaskError =>
  taskError({
    errorType: failureNames.timedOut,
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(ms / 1000).toFixed(2)} seconds`,
  });

function outOfMemory(requestId: string, rssMiB: number, { memoryMiB }: FunctionLimits): TaskError {
  const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: signal: killed (${Math.ceil(rssMiB)} of ${memoryMiB} MiB)`;
  return taskError({ errorType: failureNames.outOfMemory, errorMessage });
}

function exitError(requestId: string, code: number | null, signal: NodeJS.Signals | null): TaskError {
  const how = signal === null ? `exit status ${code}` : `signal: ${signal}`;
  const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: ${how}`;
  return taskError({ errorType: failureNames.exited, errorMessage });
}
