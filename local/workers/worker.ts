// The process in which functions run, one at a time: `node worker.mjs NAME [told]`, forked by the pool with an IPC channel.
// `told`: they learn that their parent is gone, from the system or, since what they do takes moments, from the channel.
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  type Answer,
  type Failure,
  failureNames,
  type Invocation,
  type Preparation,
  responseLimitBytes,
} from './protocol.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const memoryMiB = process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '';

dieWithParent();
reportUncaught();
if (process.platform !== 'linux') setInterval(reportMemory, 200).unref();
const imported = new Map<string, Handler>();
process.on('message', (message: Invocation | Preparation) => {
  // What is wrong with the bundle is said by the invocation that names it.
  void ('prepare' in message ? importHandler(message.prepare) : answer(message));
});

/**
 * A dead parent closes the channel, but a handler that computes without a pause would not see it: a thread watches too, which takes
 * 40 ms of the processor to start.
 */
function dieWithParent(): void {
  process.on('disconnect', () => process.exit(0));
  if (process.argv[3] === 'told') return;
  const watch = `
    const parent = ${process.ppid};
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);`;
  new Worker(watch, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref();
}

function reportUncaught(): void {
  process.on('uncaughtException', (error) => fail(failureOf(error), 129));
  process.on('unhandledRejection', (reason) =>
    fail({ ...failureOf(reason), errorType: failureNames.unhandledRejection }, 128),
  );
}

const send = (answer: Answer): void => void process.send?.(answer);

/** Ends the process as soon as the answer is out. */
function fail(failure: Failure, exitCode: number): void {
  process.send?.({ kind: 'failed', failure, fatal: true } satisfies Answer, () => process.exit(exitCode));
}

function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error))
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  const trace = thrown.stack?.split('\n') ?? [];
  return { errorType: thrown.name, errorMessage: thrown.message, trace };
}

function reportMemory(): void {
  send({ kind: 'memory', rssMiB: process.memoryUsage.rss() / 2 ** 20 });
}

async function importHandler(bundle: string): Promise<Handler | Failure> {
  try {
    const { handler } = (await import(pathToFileURL(bundle).href)) as { readonly handler?: unknown };
    if (typeof handler === 'function') return handler as Handler;
    return {
      errorType: failureNames.handlerNotFound,
      errorMessage: `${bundle} exports no function 'handler'`,
    };
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (thrown instanceof SyntaxError) return { ...failure, errorType: failureNames.badSyntax };
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
    return missing ? { ...failure, errorType: failureNames.importFailed } : failure;
  }
}

async function answer(invocation: Invocation): Promise<void> {
  const { bundle, env } = invocation;
  Object.assign(process.env, env);
  const handler = imported.get(bundle) ?? (await importHandler(bundle));
  // A bundle that could not be imported may be mended: the next invocation has a new process.
  if (typeof handler !== 'function') return fail(handler, 1);
  if (!imported.has(bundle)) send({ kind: 'ready' });
  imported.set(bundle, handler);
  try {
    send(response(await handler(invocation.event, contextOf(invocation))));
  } catch (thrown) {
    send({ kind: 'failed', failure: failureOf(thrown), fatal: false });
  }
}

function contextOf({ requestId, functionName, timeoutMs }: Invocation) {
  const deadline = performance.now() + timeoutMs;
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    memoryLimitInMB: memoryMiB,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}

function response(result: unknown): Answer {
  const text = serialized(result);
  const bytes = Buffer.byteLength(text);
  if (bytes <= responseLimitBytes) return { kind: 'done', text };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${responseLimitBytes} bytes): ${bytes}`;
  return {
    kind: 'failed',
    fatal: false,
    failure: { errorType: failureNames.responseTooLarge, errorMessage },
  };
}

function serialized(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (cause) {
    throw new Error(`Unable to stringify response body: ${String(cause)}`, { cause });
  }
}
