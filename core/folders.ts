import type { ObjectStore } from './store.ts';

/** The folders right below a prefix. */
export async function foldersIn(store: ObjectStore, prefix: string): Promise<string[]> {
  const folders = new Set<string>();
  for await (const { key } of store.list(prefix)) folders.add(key.slice(prefix.length).split('/')[0]!);
  return [...folders];
}
