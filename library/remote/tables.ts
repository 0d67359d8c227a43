import type { S3 } from '@aws-sdk/client-s3';
import { openFiles } from '../../adapters/files/open-files.ts';
import { upload } from '../../adapters/s3/upload.ts';
import type { PredictionSpec } from '../../core/contracts/spec.ts';
import { identityOf } from '../../core/digest.ts';
import { FanfareError } from '../../core/errors.ts';
import type { ByteSource, ObjectStore } from '../../core/store.ts';
import { isManifest, isUri, openTable } from '../../core/tables/manifest.ts';

export interface TablePlace {
  readonly s3: S3;
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Gives the upload up, in the middle of a file if need be. */
  readonly signal: AbortSignal;
  note(line: string): void;
}

/**
 * Uploads the tables that lie on this machine and names them by where they lie then: below a prefix made of their
 * content, so that what is there already is not sent again and a changed table is another. `s3://` stays as it is.
 */
export async function bringTables<S extends PredictionSpec>(place: TablePlace, spec: S): Promise<S> {
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
  const given = await openFiles(table.path);
  const [only, ...others] = given;
  const single = only && others.length === 0 && !only.name.includes('/') ? only : undefined;
  const listed = single && isManifest(single.name) ? await listedBeside(table.path, single) : [];
  const sources = [...given, ...listed].map((source) => abortable(source, place.signal));
  const contents = sources.map((source) => [source.name, source.etag]);
  const root = `tables/${await identityOf(name, contents)}/`;
  for (const source of sources) await send(place, `${root}${source.name}`, source);
  return { ...table, path: `s3://${place.bucket}/${root}${single?.name ?? ''}` };
}

/** The files that a manifest on this machine lists, all of which keep their places beside it. */
async function listedBeside(path: string, manifest: ByteSource): Promise<readonly ByteSource[]> {
  const files = await openTable(path, openFiles);
  const apart = files.find(({ name }) => isUri(name));
  if (apart === undefined) return files;
  throw new FanfareError(
    'InvalidSpec',
    `The manifest ${manifest.uri} lists ${apart.name}. One that is brought to S3 lists files beside it alone; one that lies there may name any.`,
  );
}

const abortable = (source: ByteSource, signal: AbortSignal): ByteSource => ({
  ...source,
  read: async (start, end) => {
    signal.throwIfAborted();
    return source.read(start, end);
  },
});

/** The key tells the content, and an object appears whole or not at all: one of that size is the one. */
async function send({ s3, store, bucket, note }: TablePlace, key: string, source: ByteSource): Promise<void> {
  if ((await store.head(key))?.size === source.size) return;
  note(`uploading ${source.name} (${(source.size / 1e6).toFixed(1)} MB) to s3://${bucket}/${key}`);
  await upload(s3, { Bucket: bucket, Key: key }, source);
}
