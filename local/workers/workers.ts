import { setMaxListeners } from 'node:events';
import type { Json } from '../../core/json.ts';
import { Aborted } from '../interpreter/errors.ts';
import { type FunctionLimits, startProcess, type WorkerProcess } from './worker-process.ts';

export interface WorkersOptions {
  /** The bundled `worker.ts` of this folder. */
  readonly entry: string;
  /** The function's ESM bundle, which exports `handler`. */
  bundleFor(functionName: string): string;
  limits(functionName: string): FunctionLimits;
  /**
   * What the processes are called that serve the function; its own name by default. Functions of one such name share them
   * (one invocation at a time each): they must have the same limits, and leave the event loop free to hear of its parent's end.
   */
  processOf?(functionName: string): string;
  /** What the functions see; looked at anew by each invocation. */
  readonly env: Readonly<Record<string, string>>;
  /** Processes at once, of all functions together; no limit by default. */
  readonly totalConcurrency?: number;
  /** A process without work ends after so long; 60 s by default. */
  readonly idleMs?: number;
  /** Each line that a function prints. */
  onLog?(functionName: string, line: string): void;
}

/** Functions in warm processes on this machine, as Lambda would run them. */
export interface Workers {
  /**
   * Runs the handler in a process that does nothing else meanwhile; waits in order for one to be free. Rejects with a
   * `TaskError` whose names are Lambda's: the exception's own, `Sandbox.Timedout`, `Runtime.ExitError`,
   * `Runtime.OutOfMemory` (looked at five times a second), `Function.ResponseSizeTooLarge`. `timeoutMs` counts from
   * when the handler starts, and gives `States.Timeout`. Where `signal` aborts, the process is killed. `like`: the function in
   * one of whose processes it runs, and by whose limits; itself by default.
   */
  invoke(
    functionName: string,
    event: Json,
    limits: {
      readonly timeoutMs?: number | undefined;
      readonly signal?: AbortSignal;
      readonly like?: string;
    },
  ): Promise<Json>;
  /** Has so many processes ready for the function, if there is room: their first invocations need not wait for them to start. */
  prepare(functionName: string, processes?: number): void;
  /** Kills every process; what still runs or waits is rejected. */
  close(): Promise<void>;
  pids(): readonly number[];
  /** The most resident memory of one process of each function so far, in MiB. */
  peaks(): Readonly<Record<string, number>>;
}

export const startWorkers = (options: WorkersOptions): Workers => new Pool(options);

interface Waiting {
  readonly functionName: string;
  start(worker: WorkerProcess): void;
  drop(why: Error): void;
}

const never = new AbortController().signal;
setMaxListeners(0, never);

class Pool implements Workers {
  private readonly options: WorkersOptions;
  private readonly all = new Set<WorkerProcess>();
  /** Those without work, the most recently used last, and what will end them. */
  private readonly idle = new Map<WorkerProcess, NodeJS.Timeout>();
  /** Those that were told to end for want of work or to make room, and have not yet. */
  private readonly retired = new Set<WorkerProcess>();
  private readonly waiting = new Set<Waiting>();
  private readonly most: Record<string, number> = {};
  private closed = false;

  constructor(options: WorkersOptions) {
    this.options = options;
  }

  async invoke(
    functionName: string,
    event: Json,
    { timeoutMs, signal = never, like = functionName }: Parameters<Workers['invoke']>[2],
  ): Promise<Json> {
    const worker = await this.free(like, signal);
    try {
      if (signal.aborted) throw abortedBy(signal);
      const bundle = this.options.bundleFor(functionName);
      return await worker.invoke({ functionName, bundle }, event, { timeoutMs, signal });
    } finally {
      this.release(worker);
    }
  }

  prepare(functionName: string, processes = 1): void {
    for (let there = this.running(functionName); there < processes && !this.closed; there++) {
      const worker = this.fresh(functionName);
      worker?.prepare(this.options.bundleFor(functionName));
      if (worker) this.release(worker);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const waiting of this.waiting) waiting.drop(new Aborted('the pool was closed'));
    for (const worker of this.all) worker.kill();
    await Promise.all([...this.all].map((worker) => worker.exited));
  }

  pids(): readonly number[] {
    return [...this.all].flatMap(({ pid }) => pid ?? []);
  }

  peaks(): Readonly<Record<string, number>> {
    return { ...this.most };
  }

  private free(functionName: string, signal: AbortSignal): Promise<WorkerProcess> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new Aborted('the pool is closed'));
      if (signal.aborted) return reject(abortedBy(signal));
      const onAbort = () => waiting.drop(abortedBy(signal));
      const leave = () => {
        this.waiting.delete(waiting);
        signal.removeEventListener('abort', onAbort);
      };
      const waiting: Waiting = {
        functionName,
        start: (worker) => {
          leave();
          resolve(worker);
        },
        drop: (why) => {
          leave();
          reject(why);
        },
      };
      signal.addEventListener('abort', onAbort);
      this.waiting.add(waiting);
      this.serve();
    });
  }

  /** In order, but one whose function is at its limit holds up no other function. */
  private serve(): void {
    for (const waiting of this.waiting) {
      try {
        const worker = this.warm(waiting.functionName) ?? this.fresh(waiting.functionName);
        if (worker) waiting.start(worker);
      } catch (error) {
        waiting.drop(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  private warm(functionName: string): WorkerProcess | undefined {
    const name = this.processOf(functionName);
    const worker = [...this.idle.keys()].findLast((candidate) => candidate.name === name);
    if (worker) this.busy(worker);
    return worker;
  }

  private processOf(functionName: string): string {
    return this.options.processOf?.(functionName) ?? functionName;
  }

  private running(functionName: string): number {
    const name = this.processOf(functionName);
    return [...this.all].filter((worker) => worker.name === name).length;
  }

  private busy(worker: WorkerProcess): void {
    clearTimeout(this.idle.get(worker));
    this.idle.delete(worker);
  }

  /** Undefined where there is no room. */
  private fresh(functionName: string): WorkerProcess | undefined {
    const limits = this.options.limits(functionName);
    const { totalConcurrency = Infinity } = this.options;
    if (this.running(functionName) >= limits.concurrency) return undefined;
    if (this.all.size < totalConcurrency) return this.start(functionName, limits);
    const [longestIdle] = this.idle.keys();
    if (longestIdle && this.retired.size === 0) this.retire(longestIdle);
    return undefined;
  }

  private start(functionName: string, limits: FunctionLimits): WorkerProcess {
    const { entry, env, onLog } = this.options;
    const name = this.processOf(functionName);
    const brief = name !== functionName;
    const worker = startProcess({
      ...{ name, brief, limits, entry, env },
      label: brief ? name : this.options.bundleFor(functionName),
      onLog: (of, line) => onLog?.(of, line),
      onMemory: (of, rssMiB) => {
        this.most[of] = Math.max(this.most[of] ?? 0, rssMiB);
      },
    });
    this.all.add(worker);
    void worker.exited.then(() => this.forget(worker));
    return worker;
  }

  private release(worker: WorkerProcess): void {
    if (!this.all.has(worker)) return;
    const timer = setTimeout(() => this.retire(worker), this.options.idleMs ?? 60_000);
    this.idle.set(worker, timer.unref());
    this.serve();
  }

  private retire(worker: WorkerProcess): void {
    this.busy(worker);
    this.retired.add(worker);
    worker.kill();
  }

  private forget(worker: WorkerProcess): void {
    this.busy(worker);
    this.retired.delete(worker);
    this.all.delete(worker);
    if (!this.closed) this.serve();
  }
}

const abortedBy = (signal: AbortSignal): Aborted => new Aborted(String(signal.reason));
