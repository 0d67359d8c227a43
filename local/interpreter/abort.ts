import { setMaxListeners } from 'node:events';
import type { Engine } from './engine.ts';
import { Aborted, TaskError } from './errors.ts';

/** What `work` gives, or the signal's reason as soon as it aborts. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Gives `work` a signal that also aborts when `parent` does, and the means to abort it alone. */
export async function withinSignal<T>(
  parent: AbortSignal,
  work: (own: AbortController) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  // As many listen as there are states running at once: no leak.
  setMaxListeners(0, own.signal);
  const follow = () => own.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  try {
    return await work(own);
  } finally {
    parent.removeEventListener('abort', follow);
  }
}

/** Aborts `work` with States.Timeout after so many seconds; undefined is no limit. */
export async function withinTime<T>(
  engine: Engine,
  signal: AbortSignal,
  seconds: number | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (seconds === undefined) return work(signal);
  return withinSignal(signal, async (own) => {
    const done = new AbortController();
    const expire = () => {
      if (!done.signal.aborted)
        own.abort(new TaskError('States.Timeout', `still running after ${seconds} s`));
    };
    const timer = engine.sleep(seconds * 1000, done.signal).then(expire, expire);
    try {
      return await work(own.signal);
    } finally {
      done.abort();
      await timer;
    }
  });
}

/**
 * Runs `work` for 0 … count − 1, in that order, at most `limit` at a time, and gives the results in that order.
 * The first to reject aborts the others; they have all settled when this rejects with its error.
 */
export async function fanOut<T>(
  signal: AbortSignal,
  count: number,
  limit: number,
  work: (index: number, signal: AbortSignal) => Promise<T>,
): Promise<readonly T[]> {
  const results = new Array<T>(count);
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  await withinSignal(signal, async (own) => {
    const runner = async () => {
      while (next < count && !own.signal.aborted) {
        const index = next++;
        try {
          results[index] = await work(index, own.signal);
        } catch (error) {
          failure ??= { error };
          own.abort(new Aborted('a sibling failed'));
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(limit, count) }, runner));
  });
  signal.throwIfAborted();
  if (failure) throw failure.error;
  return results;
}
