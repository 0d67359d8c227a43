import { setTimeout as sleep } from 'node:timers/promises';
import type { S3 } from '@aws-sdk/client-s3';
import { FanfareError } from '../../core/errors.ts';
import type { ObjectHead, ObjectStore, PutCondition } from '../../core/store.ts';
import { attemptsOf, isConflict, isMissing, isRefused } from './errors.ts';
import { contentOf, upload } from './upload.ts';

/**
 * How often a write is tried that S3 refused only because another was under way. Waits are random, the first below twice
 * `waitMs`, each next one below twice that.
 */
const conflicts = { tries: 8, waitMs: 20 };

/**
 * A bucket. Throttled and failed requests are tried again by the client (`s3Options`); ETags are without their quotes. Any
 * number of writers may use it at once: what they promise each other is S3's If-None-Match and If-Match.
 */
export function s3Store(client: S3, bucket: string): ObjectStore {
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  const store: ObjectStore = {
    get: (key) =>
      orMissing(async () => {
        const { Body, ETag } = await client.getObject(at(key));
        const body = (await Body?.transformToByteArray()) ?? new Uint8Array();
        return { key, size: body.length, etag: bareEtag(ETag), body };
      }),
    getRange: async (key, start, end) => {
      const bytes = await orMissing(() => readRange(client, at(key), start, end));
      if (bytes) return bytes;
      throw new FanfareError('MissingInput', `there is no object '${key}' in s3://${bucket}`);
    },
    head: (key) =>
      orMissing(async () => {
        const { ContentLength = 0, ETag } = await client.headObject(at(key));
        return { key, size: ContentLength, etag: bareEtag(ETag) };
      }),
    put: (key, body, condition) => put(client, at(key), body, condition, () => store.get(key)),
    list: (prefix, after) => listKeys(client, bucket, prefix, after),
    delete: async (key) => {
      await client.deleteObject(at(key));
    },
  };
  return store;
}

export const bareEtag = (etag: string | undefined): string => etag?.replaceAll('"', '') ?? '';

async function orMissing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Bytes `start` (inclusive) to `end` (exclusive) of that object, or of that version of it. */
export async function readRange(
  client: S3,
  target: { readonly Bucket: string; readonly Key: string; readonly IfMatch?: string },
  start: number,
  end: number,
): Promise<Uint8Array> {
  // A range header cannot say "nothing", but the object must be there all the same.
  if (start === end) {
    await client.headObject(target);
    return new Uint8Array();
  }
  const { Body } = await client.getObject({ ...target, Range: `bytes=${start}-${end - 1}` });
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  if (bytes.length === end - start) return bytes;
  const where = `s3://${target.Bucket}/${target.Key}`;
  throw new RangeError(`bytes ${start} to ${end} were asked of ${where}, which gave ${bytes.length}`);
}

async function put(
  client: S3,
  target: { readonly Bucket: string; readonly Key: string },
  body: Uint8Array,
  condition: PutCondition | undefined,
  present: () => Promise<{ readonly body: Uint8Array } | undefined>,
): Promise<'written' | 'exists'> {
  for (let tried = 1; ; tried++) {
    try {
      await upload(client, target, contentOf(body), condition);
      return 'written';
    } catch (error) {
      // The first of several sendings may have been carried out and its answer lost: then ours is what refused the next.
      if (isRefused(error)) {
        return attemptsOf(error) > 1 && same((await present())?.body, body) ? 'written' : 'exists';
      }
      if (condition?.kind === 'match' && isMissing(error)) return 'exists';
      if (!isConflict(error) || tried === conflicts.tries) throw error;
      await sleep(Math.random() * conflicts.waitMs * 2 ** tried);
    }
  }
}

const same = (left: Uint8Array | undefined, right: Uint8Array): boolean =>
  left !== undefined && Buffer.compare(left, right) === 0;

/** S3 sorts by UTF-8, which for our keys (plain ASCII) is the order of code units. */
export async function* listKeys(
  client: S3,
  bucket: string,
  prefix: string,
  after?: string,
): AsyncGenerator<ObjectHead> {
  let token: string | undefined;
  do {
    const page = await client.listObjectsV2({
      Bucket: bucket,
      Prefix: prefix,
      ...(token === undefined ? after && { StartAfter: after } : { ContinuationToken: token }),
    });
    for (const { Key, Size = 0, ETag } of page.Contents ?? []) {
      if (Key !== undefined) yield { key: Key, size: Size, etag: bareEtag(ETag) };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
