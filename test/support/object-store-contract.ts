import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ObjectHead, ObjectStore } from '../../core/store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined): string | undefined => body && new TextDecoder().decode(body);

async function listed(store: ObjectStore, prefix: string, after?: string): Promise<ObjectHead[]> {
  const heads: ObjectHead[] = [];
  for await (const head of store.list(prefix, after)) heads.push(head);
  return heads;
}

const keysOf = async (store: ObjectStore, prefix: string, after?: string): Promise<string[]> =>
  (await listed(store, prefix, after)).map(({ key }) => key);

/** What every object store promises. `open` gives an empty one. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`the store ${name}`, () => {
    test('gives back what was written, with its size and ETag', async () => {
      const store = await open();
      expect(await store.put('a/b.json', bytes('hello'))).toBe('written');
      const found = await store.get('a/b.json');
      expect(text(found?.body)).toBe('hello');
      const { body: _, ...head } = found ?? { body: undefined };
      expect(head).toMatchObject({ key: 'a/b.json', size: 5 });
      expect(await store.head('a/b.json')).toEqual(head);
      expect(await listed(store, '')).toEqual([head]);
    });

    test('knows nothing of an object that is not there', async () => {
      const store = await open();
      await store.put('a/b', bytes('x'));
      for (const key of ['a/c', 'a', 'z/b', 'a/b/c']) {
        expect(await store.get(key)).toBeUndefined();
        expect(await store.head(key)).toBeUndefined();
        await expect(store.getRange(key, 0, 1)).rejects.toMatchObject({ name: 'MissingInput' });
        await store.delete(key);
      }
      expect(await keysOf(store, '')).toEqual(['a/b']);
    });

    test('reads ranges', async () => {
      const store = await open();
      await store.put('a', bytes('0123456789'));
      expect(text(await store.getRange('a', 2, 5))).toBe('234');
      expect(text(await store.getRange('a', 9, 10))).toBe('9');
      expect(text(await store.getRange('a', 4, 4))).toBe('');
    });

    test('holds empty objects', async () => {
      const store = await open();
      await store.put('a', new Uint8Array());
      expect(await store.get('a')).toMatchObject({ size: 0, body: new Uint8Array() });
    });

    test('replaces an object and its ETag', async () => {
      const store = await open();
      await store.put('a', bytes('one'));
      const before = await store.head('a');
      await store.put('a', bytes('two'));
      expect(text((await store.get('a'))?.body)).toBe('two');
      expect((await store.head('a'))?.etag).not.toBe(before?.etag);
    });

    test('keeps no hold of the bytes that were passed in', async () => {
      const store = await open();
      const body = bytes('one');
      await store.put('a', body);
      body.fill(0);
      expect(text((await store.get('a'))?.body)).toBe('one');
    });

    test('writes `absent` only where there is nothing, again after a delete', async () => {
      const store = await open();
      expect(await store.put('a', bytes('one'), { kind: 'absent' })).toBe('written');
      expect(await store.put('a', bytes('two'), { kind: 'absent' })).toBe('exists');
      expect(text((await store.get('a'))?.body)).toBe('one');
      await store.delete('a');
      expect(await store.put('a', bytes('two'), { kind: 'absent' })).toBe('written');
    });

    test('writes `match` only over that version', async () => {
      const store = await open();
      expect(await store.put('a', bytes('none'), { kind: 'match', etag: 'x' })).toBe('exists');
      await store.put('a', bytes('one'));
      const etag = (await store.head('a'))?.etag ?? '';
      expect(await store.put('a', bytes('two'), { kind: 'match', etag })).toBe('written');
      expect(await store.put('a', bytes('three'), { kind: 'match', etag })).toBe('exists');
      expect(text((await store.get('a'))?.body)).toBe('two');
    });

    test('of many that write `absent` at once, one wins', async () => {
      const store = await open();
      const puts = Array.from({ length: 20 }, (_, i) => store.put('a/b', bytes(`${i}`), { kind: 'absent' }));
      const outcomes = await Promise.all(puts);
      expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
      expect(text((await store.get('a/b'))?.body)).toBe(String(outcomes.indexOf('written')));
    });

    test('of many that write `match` over one version at once, one wins', async () => {
      const store = await open();
      await store.put('a', bytes('start'));
      const etag = (await store.head('a'))?.etag ?? '';
      const puts = Array.from({ length: 20 }, (_, i) =>
        store.put('a', bytes(`${i}`), { kind: 'match', etag }),
      );
      const outcomes = await Promise.all(puts);
      expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
      expect(text((await store.get('a'))?.body)).toBe(String(outcomes.indexOf('written')));
    });

    test('lists in code-unit order over the whole key', async () => {
      const store = await open();
      const sorted = ['A', 'a-b', 'a.b', 'a/b', 'a/b.c', 'a/c/d', 'a0', 'aB', 'a_', 'ab/c', 'b'];
      for (const key of sorted.toReversed()) await store.put(key, bytes(key));
      expect(await keysOf(store, '')).toEqual(sorted);
      expect(await keysOf(store, 'a/')).toEqual(['a/b', 'a/b.c', 'a/c/d']);
      expect(await keysOf(store, 'a/b')).toEqual(['a/b', 'a/b.c']);
      expect(await keysOf(store, '', 'a/b.c')).toEqual(['a/c/d', 'a0', 'aB', 'a_', 'ab/c', 'b']);
      expect(await keysOf(store, 'a', 'a/c')).toEqual(['a/c/d', 'a0', 'aB', 'a_', 'ab/c']);
      expect(await keysOf(store, 'a/', 'z')).toEqual([]);
      expect(await keysOf(store, 'none/')).toEqual([]);
    });

    test('lists, for any keys, prefix and start, what sorting and filtering them gives', async () => {
      const segment = fc.stringMatching(/^[ab.\-0]{1,2}$/).filter((name) => name !== '.' && name !== '..');
      const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `k${parts.join('/k')}`);
      const keys = fc
        .uniqueArray(key, { maxLength: 8 })
        .filter((all) => !all.some((one) => all.some((other) => other.startsWith(`${one}/`))));
      await fc.assert(
        fc.asyncProperty(
          keys,
          fc.constantFrom('', 'k', 'ka', 'ka/', 'k.'),
          key,
          async (all, prefix, after) => {
            const store = await open();
            for (const each of all) await store.put(each, bytes(each));
            const wanted = all.filter((each) => each.startsWith(prefix) && each > after);
            expect(await keysOf(store, prefix, after)).toEqual(wanted.toSorted());
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}
