import { FanfareError } from '../errors.ts';
import type { ByteSource, OpenSources } from '../store.ts';
import type { Column, Field, Held } from './batch.ts';
import type { BadRow, ShardSource } from './shard.ts';
import { requireVersion } from './source.ts';

/** What is known of an object without reading it; `content`, its bytes, is there for `preprocess` alone. */
export const objectFields: readonly Field[] = [
  { name: 'name', type: 'string' },
  { name: 'uri', type: 'string' },
  { name: 'size', type: 'integer' },
  { name: 'etag', type: 'string' },
];

/** A function holds an object as a whole, and what preprocess makes of it. */
const mostObjectBytes = 128 * 2 ** 20;
/** Of a batch, so many bytes and objects at most, and one object at least. */
const mostBatchBytes = 16 * 2 ** 20;
const mostBatchObjects = 256;
/** So many objects are read at once. */
const atOnce = 16;

interface ObjectBatch {
  readonly batch: Held;
  /** The objects' places in the list. */
  readonly rowIds: Float64Array;
  /** Objects that cannot be read; then the batch has no rows. */
  readonly rejected: readonly BadRow[];
}

/** The objects in groups of about so many bytes, and so many objects at most, in their order. */
export function groupObjects(
  sources: readonly ByteSource[],
  targetBytes: number,
  most: number,
): readonly (readonly ShardSource[])[] {
  const groups: ShardSource[][] = [];
  let bytes = 0;
  for (const { name, uri, size, etag } of sources) {
    const open = groups.at(-1);
    if (open === undefined || open.length >= most || bytes + size > targetBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push({ name, uri, size, etag });
    bytes += size;
  }
  return groups;
}

/**
 * The objects of a list from `from` on, a few at a time: fewer where `share`, at most 1, says so. `BadTable` where one is
 * not the version that was listed, `MissingInput` where it is not there any more.
 */
export async function* readObjects(
  list: readonly ShardSource[],
  from: number,
  share: number,
  open: OpenSources,
): AsyncGenerator<ObjectBatch> {
  const mostBytes = mostBatchBytes * share;
  const most = Math.max(1, Math.floor(mostBatchObjects * share));
  for (let first = from; first < list.length; ) {
    const { size } = list[first]!;
    if (size > mostObjectBytes) {
      yield tooLarge(list[first]!, first);
      first++;
      continue;
    }
    let end = first + 1;
    for (let bytes = size; end < list.length && end - first < most; end++) {
      bytes += list[end]!.size;
      if (bytes > mostBytes) break;
    }
    const objects = list.slice(first, end);
    const contents: Uint8Array[] = [];
    for (let at = 0; at < objects.length; at += atOnce)
      contents.push(
        ...(await Promise.all(objects.slice(at, at + atOnce).map((object) => contentOf(object, open)))),
      );
    yield {
      batch: batchOf(objects, contents),
      rowIds: Float64Array.from(objects, (_, i) => first + i),
      rejected: [],
    };
    first = end;
  }
}

/** How many there are still at the version that was listed; the errors are those of `readObjects`. */
export async function countObjects(list: readonly ShardSource[], open: OpenSources): Promise<number> {
  for (let at = 0; at < list.length; at += atOnce)
    await Promise.all(list.slice(at, at + atOnce).map((object) => openObject(object, open)));
  return list.length;
}

async function contentOf(object: ShardSource, open: OpenSources): Promise<Uint8Array> {
  const source = await openObject(object, open);
  return source.size === 0 ? new Uint8Array(0) : source.read(0, source.size);
}

async function openObject(object: ShardSource, open: OpenSources): Promise<ByteSource> {
  const source = (await open(object.uri)).find(({ uri }) => uri === object.uri);
  if (source === undefined) {
    throw new FanfareError(
      'MissingInput',
      `${object.uri} was there when the table was planned, and is not any more`,
    );
  }
  requireVersion(source, object);
  return source;
}

function batchOf(objects: readonly ShardSource[], contents: readonly Uint8Array[]): Held {
  const columns: Column[] = [
    texts(objects.map(({ name }) => name)),
    texts(objects.map(({ uri }) => uri)),
    { type: 'integer', values: BigInt64Array.from(objects, ({ size }) => BigInt(size)), valid: null },
    texts(objects.map(({ etag }) => etag)),
  ];
  return {
    rows: objects.length,
    fields: [...objectFields, { name: 'content', type: 'bytes' }],
    columns: [...columns, { type: 'bytes', values: contents, valid: null }],
  };
}

const texts = (dictionary: readonly string[]): Column => ({
  ...{ type: 'string', dictionary, valid: null },
  codes: Int32Array.from(dictionary, (_, code) => code),
});

function tooLarge(object: ShardSource, row: number): ObjectBatch {
  const none = batchOf([], []);
  const reason = `the object has ${object.size} bytes; one of at most ${mostObjectBytes} can be read`;
  const rejected = [{ row, column: 'content', reason, raw: JSON.stringify(object) }];
  return { batch: none, rowIds: new Float64Array(0), rejected };
}
