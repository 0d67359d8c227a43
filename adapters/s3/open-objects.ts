import type { S3 } from '@aws-sdk/client-s3';
import { closest } from 'fastest-levenshtein';
import { FanfareError } from '../../core/errors.ts';
import type { ByteSource, ObjectHead, OpenSources } from '../../core/store.ts';
import { isMissing, isRefused, statusOf } from './errors.ts';
import { bareEtag, listKeys, readRange } from './s3-store.ts';

/**
 * Opens `s3://bucket/key`, all objects below `s3://bucket/prefix/`, or those whose names match a `*` in the last part of
 * the key. Named as `openFiles` names files: by the path below the table's root, hidden ones left out, sorted by name.
 */
export function openObjects(client: S3): OpenSources {
  return async (uri) => {
    const place = placeOf(uri);
    const { root, objects } = place.key.includes('*', lastPart(place.key))
      ? await matching(client, place)
      : await existing(client, place);
    const sources = objects
      .map((object) => sourceOf(client, place.bucket, root, object))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    if (sources.length > 0) return sources;
    const suggestion = await suggestionFor(client, place);
    throw new FanfareError('MissingInput', `there are no objects at '${uri}'${suggestion}`);
  };
}

interface Place {
  readonly bucket: string;
  readonly key: string;
}

interface Found {
  /** What is no part of the objects' names; empty, or ends with /. */
  readonly root: string;
  readonly objects: readonly ObjectHead[];
}

function placeOf(uri: string): Place {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(uri) ?? [];
  if (bucket !== undefined) return { bucket, key: key ?? '' };
  throw new FanfareError(
    'InvalidSpec',
    `'${uri}' names nothing in S3: use s3://bucket/key, s3://bucket/prefix/ or s3://bucket/prefix/*.csv`,
  );
}

/** Where the last part of a key begins: behind its last /. */
const lastPart = (key: string): number => key.lastIndexOf('/') + 1;

async function matching(client: S3, { bucket, key }: Place): Promise<Found> {
  const root = key.slice(0, lastPart(key));
  const parts = key
    .slice(root.length)
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`, 's');
  const begun = key.slice(0, key.indexOf('*', root.length));
  const found = await visible(client, bucket, root, begun);
  return {
    root,
    objects: found.filter((object) => {
      const name = object.key.slice(root.length);
      return !name.includes('/') && pattern.test(name);
    }),
  };
}

/** One object of that key, or else everything below it. */
async function existing(client: S3, { bucket, key }: Place): Promise<Found> {
  const whole = key === '' || key.endsWith('/') ? undefined : await headOf(client, bucket, key);
  if (whole) return { root: key.slice(0, lastPart(key)), objects: [whole] };
  const root = key === '' || key.endsWith('/') ? key : `${key}/`;
  return { root, objects: await visible(client, bucket, root, root) };
}

async function headOf(client: S3, bucket: string, key: string): Promise<ObjectHead | undefined> {
  try {
    const { ContentLength = 0, ETag } = await client.headObject({ Bucket: bucket, Key: key });
    return { key, size: ContentLength, etag: bareEtag(ETag) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    // HEAD has no body that could say which of the two it is, or of what.
    const reasons: Record<number, string> = { 403: 'access denied', 301: 'the bucket is in another region' };
    const reason = reasons[statusOf(error) ?? 0];
    if (reason === undefined) throw error;
    throw new FanfareError('MissingInput', `'s3://${bucket}/${key}' cannot be read: ${reason}`, {
      cause: error,
    });
  }
}

/** Without the empty objects that consoles make for folders, and without hidden names below the root. */
async function visible(client: S3, bucket: string, root: string, prefix: string): Promise<ObjectHead[]> {
  const found: ObjectHead[] = [];
  for await (const object of listKeys(client, bucket, prefix)) {
    const parts = object.key.slice(root.length).split('/');
    if (!object.key.endsWith('/') && !parts.some((part) => part.startsWith('.'))) found.push(object);
  }
  return found;
}

function sourceOf(client: S3, bucket: string, root: string, { key, size, etag }: ObjectHead): ByteSource {
  const uri = `s3://${bucket}/${key}`;
  return {
    uri,
    name: key.slice(root.length),
    size,
    etag,
    read: async (start, end) => {
      if (!(start >= 0 && start <= end && end <= size)) {
        throw new RangeError(`bytes ${start} to ${end} were asked of ${uri}, a file of ${size} bytes`);
      }
      if (start === end) return new Uint8Array();
      try {
        return await readRange(client, { Bucket: bucket, Key: key, IfMatch: `"${etag}"` }, start, end);
      } catch (error) {
        if (!isRefused(error) && !isMissing(error)) throw error;
        const what = isMissing(error) ? 'was deleted' : 'was written anew';
        throw new FanfareError('BadTable', `${uri} ${what} while it was read`, { cause: error });
      }
    },
  };
}

/** The nearest name in the nearest folder that has any. */
async function suggestionFor(client: S3, { bucket, key }: Place): Promise<string> {
  const path = key.replace(/\/$/, '');
  const folder = path.slice(0, lastPart(path));
  const { CommonPrefixes = [], Contents = [] } = await client.listObjectsV2({
    Bucket: bucket,
    Prefix: folder,
    Delimiter: '/',
  });
  const names = [...CommonPrefixes.map(({ Prefix }) => Prefix), ...Contents.map(({ Key }) => Key)]
    .map((name) => name?.slice(folder.length) ?? '')
    .filter((name) => name !== '');
  if (names.length > 0) {
    return `; did you mean 's3://${bucket}/${folder}${closest(path.slice(folder.length), names)}'?`;
  }
  if (folder === '') return `; s3://${bucket} is empty`;
  return suggestionFor(client, { bucket, key: folder });
}
