import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../core/store.ts';
import { memoryStore } from './memory-store.ts';

/** When the n-th write (from 1) fails: before it is done, or after, when the answer gets lost. */
export interface Crash {
  readonly write: number;
  readonly when: 'before' | 'after';
}

export interface CountedStore extends ObjectStore {
  /** The keys that were put or deleted, in order, whether or not that changed anything. */
  readonly writes: string[];
}

/** The same objects, counting writes, and failing at one where that is asked for. */
export function crashingStore(store: ObjectStore, crash?: Crash): CountedStore {
  const writes: string[] = [];
  async function write<T>(key: string, work: () => Promise<T>): Promise<T> {
    writes.push(key);
    const fails = writes.length === crash?.write;
    if (fails && crash.when === 'before') throw new Error(`crashed before ${key}`);
    const done = await work();
    if (fails) throw new Error(`crashed after ${key}`);
    return done;
  }
  return {
    ...store,
    writes,
    put: (key, body, condition) => write(key, () => store.put(key, body, condition)),
    delete: (key) => write(key, () => store.delete(key)),
  };
}

/** What is there: each key, with the digest of its bytes. */
export async function contentOf(store: ObjectStore): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  for await (const { key } of store.list('')) {
    const object = await store.get(key);
    content[key] = createHash('sha256')
      .update(object?.body ?? '')
      .digest('hex');
  }
  return content;
}

export async function copyOf(store: ObjectStore): Promise<ObjectStore> {
  const copy = memoryStore();
  for await (const { key } of store.list('')) {
    const object = await store.get(key);
    if (object) await copy.put(key, object.body);
  }
  return copy;
}
