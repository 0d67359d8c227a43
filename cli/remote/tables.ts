import { createHash } from 'node:crypto';
import type { S3 } from '@aws-sdk/client-s3';
import { openFiles } from '../../adapters/files/open-files.ts';
import { upload } from '../../adapters/s3/upload.ts';
import type { Spec } from '../../core/contracts/spec.ts';
import { identityOf } from '../../core/digest.ts';
import { FanfareError } from '../../core/errors.ts';
import type { ByteSource, ObjectStore } from '../../core/store.ts';

export interface TablePlace {
  readonly s3: S3;
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Gives the upload up, in the middle of a file if need be. */
  readonly signal: AbortSignal;
  note(line: string): void;
}

/** Bytes that are read at a time to make a file's digest. */
const readBytes = 8 * 2 ** 20;

/**
 * Uploads the tables that lie on this machine and names them by where they lie then: below a prefix made of their
 * content, so that what is there already is not sent again and a changed table is another. `s3://` stays as it is.
 */
export async function bringTables(place: TablePlace, spec: Spec): Promise<Spec> {
  const { table } = spec.predict;
  return {
    ...spec,
    table: await brought(place, spec.name, spec.table),
    predict: { ...spec.predict, ...(table && { table: await brought(place, spec.name, table) }) },
  };
}

async function brought<Table extends { readonly path: string }>(
  place: TablePlace,
  name: string,
  table: Table,
): Promise<Table> {
  if (table.path.startsWith('s3://')) return table;
  const scheme = /^([a-z0-9]+):\/\//.exec(table.path)?.[1];
  if (scheme !== undefined && scheme !== 'file') {
    throw new FanfareError('InvalidSpec', `table ${table.path}: use a path on this machine or s3://`);
  }
  const sources = (await openFiles(table.path)).map((source) => abortable(source, place.signal));
  const contents = await eachOf(sources, async (source) => [source.name, await sha256Of(source)] as const);
  const root = `tables/${await identityOf(name, contents)}/`;
  for (const source of sources) await send(place, `${root}${source.name}`, source);
  const [only, ...others] = sources;
  const last = only && others.length === 0 && !only.name.includes('/') ? only.name : '';
  return { ...table, path: `s3://${place.bucket}/${root}${last}` };
}

const abortable = (source: ByteSource, signal: AbortSignal): ByteSource => ({
  ...source,
  read: async (start, end) => {
    signal.throwIfAborted();
    return source.read(start, end);
  },
});

/** One after the other: the disk is not quicker for being asked twice. */
async function eachOf<From, To>(all: readonly From[], ask: (one: From) => Promise<To>): Promise<To[]> {
  const answers: To[] = [];
  for (const one of all) answers.push(await ask(one));
  return answers;
}

async function sha256Of({ size, read }: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += readBytes) hash.update(await read(at, Math.min(at + readBytes, size)));
  return hash.digest('hex');
}

/** The key tells the content, and an object appears whole or not at all: one of that size is the one. */
async function send({ s3, store, bucket, note }: TablePlace, key: string, source: ByteSource): Promise<void> {
  if ((await store.head(key))?.size === source.size) return;
  note(`uploading ${source.name} (${(source.size / 1e6).toFixed(1)} MB) to s3://${bucket}/${key}`);
  await upload(s3, { Bucket: bucket, Key: key }, source);
}
