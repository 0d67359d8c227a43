import { createHash } from 'node:crypto';
import { FanfareError } from '../../core/errors.ts';
import type { ObjectHead, ObjectStore, StoredObject } from '../../core/store.ts';

/** An object store in memory, for tests. Its ETags are MD5 sums, as S3's are. */
export function memoryStore(): ObjectStore {
  const objects = new Map<string, StoredObject>();
  const copy = (object: StoredObject): StoredObject => ({ ...object, body: object.body.slice() });
  const headOf = ({ key, size, etag }: ObjectHead): ObjectHead => ({ key, size, etag });
  return {
    async get(key) {
      const found = objects.get(key);
      return found && copy(found);
    },
    async getRange(key, start, end) {
      const found = objects.get(key);
      if (!found) throw new FanfareError('MissingInput', `there is no object '${key}'`);
      return found.body.slice(start, end);
    },
    async head(key) {
      const found = objects.get(key);
      return found && headOf(found);
    },
    async put(key, body, condition) {
      const found = objects.get(key);
      if (condition?.kind === 'absent' && found) return 'exists';
      if (condition?.kind === 'match' && found?.etag !== condition.etag) return 'exists';
      const etag = createHash('md5').update(body).digest('hex');
      objects.set(key, { key, size: body.length, etag, body: body.slice() });
      return 'written';
    },
    async *list(prefix, after = '') {
      const wanted = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after);
      for (const key of wanted.toSorted((left, right) => (left < right ? -1 : 1))) {
        const found = objects.get(key);
        if (found) yield headOf(found);
      }
    },
    async delete(key) {
      objects.delete(key);
    },
  };
}
