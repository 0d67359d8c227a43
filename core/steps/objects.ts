import type { z } from 'zod';
import { FanfareError } from '../errors.ts';
import { decodeJson, encodeJson, type ObjectStore } from '../store.ts';

/** An object that must be there, parsed by its contract. */
export async function readObject<T>(store: ObjectStore, key: string, contract: z.ZodType<T>): Promise<T> {
  const object = await findObject(store, key, contract);
  if (object === undefined) throw new FanfareError('MissingInput', `there is no object ${key}`);
  return object;
}

/** The object parsed by its contract, or undefined where there is none. */
export async function findObject<T>(
  store: ObjectStore,
  key: string,
  contract: z.ZodType<T>,
): Promise<T | undefined> {
  const object = await store.get(key);
  if (object === undefined) return undefined;
  const parsed = contract.safeParse(decodeJson(object.body));
  if (parsed.success) return parsed.data;
  throw new FanfareError('BadTable', `object ${key} is not what it should be: ${parsed.error.message}`);
}

/** Writes it where none is, and answers with what is there in the end: this or an earlier one. */
export async function writeFirst<T>(
  store: ObjectStore,
  key: string,
  value: T,
  contract: z.ZodType<T>,
): Promise<T> {
  const put = await store.put(key, encodeJson(value), { kind: 'absent' });
  return put === 'written' ? value : readObject(store, key, contract);
}

/** Every object under the prefix, in the order of its keys. */
export async function readAll<T>(store: ObjectStore, prefix: string, contract: z.ZodType<T>): Promise<T[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return Promise.all(keys.map((key) => readObject(store, key, contract)));
}
