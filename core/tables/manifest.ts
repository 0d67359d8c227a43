import * as z from 'zod';
import { FanfareError } from '../errors.ts';
import { type ByteSource, decodeJson, type OpenSources } from '../store.ts';

/** So many files are opened at once. */
const atOnce = 16;

/** A list that a person or a program writes: `{ "files": ["a.parquet", { "path": "s3://bucket/b.parquet", "size": 12 }] }`. */
const FileList = z.strictObject({
  files: z
    .array(
      z.union([
        z.string().min(1),
        z.strictObject({
          path: z.string().min(1),
          size: z.int().min(0).exactOptional(),
          etag: z.string().exactOptional(),
        }),
      ]),
    )
    .min(1),
});

/** What is taken of the manifests that Fanfare writes (`core/contracts/records.ts`). */
const Part = z.object({ key: z.string(), bytes: z.int(), sha256: z.string() });
const OfPrediction = z.object({ prediction: z.string(), parts: z.array(Part) });
const OfDataset = z.object({
  dataset: z.string(),
  partitions: z.object({ train: z.array(Part), validation: z.array(Part), test: z.array(Part) }),
});

interface Listed {
  /** Relative to the manifest's folder, or a URI. */
  readonly path: string;
  readonly size?: number;
  readonly etag?: string;
}

export const isManifest = (name: string): boolean => /(^|[./])manifest\.json$/i.test(name);

/**
 * Opens the files of a table: what lies at the URI or, where that is one file called `manifest.json` or
 * `….manifest.json`, the files that it lists, in its order, each named as it is listed there. `InvalidSpec` for a manifest
 * that is none, `MissingInput` for a file that is not there, `BadTable` for one of another size or version.
 */
export async function openTable(uri: string, open: OpenSources): Promise<readonly ByteSource[]> {
  const sources = await open(uri);
  const [only, ...others] = sources;
  if (only === undefined || others.length > 0 || !isManifest(only.name)) return sources;
  const listed = listOf(decodeManifest(await only.read(0, only.size), only.uri), only.uri);
  const files: ByteSource[] = [];
  for (let at = 0; at < listed.length; at += atOnce) {
    const some = listed.slice(at, at + atOnce);
    files.push(...(await Promise.all(some.map((file) => openListed(file, only.uri, open)))));
  }
  return files;
}

function decodeManifest(bytes: Uint8Array, uri: string): unknown {
  try {
    return decodeJson(bytes);
  } catch (cause) {
    throw new FanfareError('InvalidSpec', `The manifest ${uri} is no JSON: ${String(cause)}`, { cause });
  }
}

function listOf(given: unknown, uri: string): readonly Listed[] {
  const prediction = OfPrediction.safeParse(given);
  if (prediction.success) return partsOf(prediction.data.parts, `predictions/${prediction.data.prediction}/`);
  const dataset = OfDataset.safeParse(given);
  if (dataset.success) {
    const { train, validation, test } = dataset.data.partitions;
    return partsOf([...train, ...validation, ...test], `datasets/${dataset.data.dataset}/`);
  }
  const list = FileList.safeParse(given);
  if (!list.success) {
    throw new FanfareError(
      'InvalidSpec',
      `The manifest ${uri} lists no files: wanted is { "files": ["a.parquet", { "path": …, "size": …, "etag": … }, …] }, or the manifest of a prediction or a dataset. ${z.prettifyError(list.error)}`,
    );
  }
  const listed = list.data.files.map((file) => (typeof file === 'string' ? { path: file } : file));
  for (const { path } of listed) requirePath(path, uri);
  const twice = listed.find(({ path }, at) => listed.findIndex((other) => other.path === path) !== at);
  if (twice !== undefined)
    throw new FanfareError('InvalidSpec', `The manifest ${uri} lists ${twice.path} twice.`);
  return listed;
}

/** By where they lie beside their manifest, so that a folder may be copied. */
const partsOf = (parts: readonly z.infer<typeof Part>[], folder: string): readonly Listed[] =>
  parts.map(({ key, bytes, sha256 }) => ({
    path: key.startsWith(folder) ? key.slice(folder.length) : key,
    size: bytes,
    etag: sha256,
  }));

function requirePath(path: string, uri: string): void {
  if (!path.includes('*') && !path.endsWith('/') && !path.split('/').includes('..')) return;
  throw new FanfareError(
    'InvalidSpec',
    `The manifest ${uri} lists ${path}: an entry is one file beside the manifest or below its folder, or a URI.`,
  );
}

async function openListed(
  { path, size, etag }: Listed,
  manifest: string,
  open: OpenSources,
): Promise<ByteSource> {
  const uri = isUri(path) ? path : besideOf(manifest, path);
  const found = (await open(uri)).filter((source) => !source.name.includes('/'));
  const [file] = found;
  if (file === undefined || found.length > 1)
    throw new FanfareError('InvalidSpec', `The manifest ${manifest} lists ${path}, which is not one file.`);
  if (size !== undefined && file.size !== size) {
    throw new FanfareError(
      'BadTable',
      `${file.uri} has ${file.size} bytes, and ${size} by the manifest ${manifest}.`,
    );
  }
  const own = etag === undefined ? undefined : await comparable(file, etag);
  if (etag !== undefined && own !== undefined && own !== bare(etag)) {
    throw new FanfareError(
      'BadTable',
      `${file.uri} changed: its etag is ${own}, and ${bare(etag)} by the manifest ${manifest}.`,
    );
  }
  return { ...file, name: path };
}

export const isUri = (path: string): boolean => /^[a-z0-9]+:/i.test(path) || path.startsWith('/');

function besideOf(manifest: string, path: string): string {
  const folder = manifest.slice(0, manifest.lastIndexOf('/') + 1);
  const isFile = folder.startsWith('file:');
  return folder + (isFile ? path.split('/').map(encodeURIComponent).join('/') : path);
}

/** The file's etag or SHA-256, whichever the listed one is to be compared with. Of S3 there is none of a part: then the size alone is checked. */
async function comparable(file: ByteSource, listed: string): Promise<string | undefined> {
  if (kindOf(file.etag) === kindOf(listed)) return bare(file.etag);
  return kindOf(listed) === 'sha256' ? file.sha256?.() : undefined;
}

/** On this machine a file has its SHA-256 or, where it is large, what its blocks come to. */
function kindOf(etag: string): 'sha256' | 'blocks' | 'other' {
  if (/^[0-9a-f]{64}$/.test(bare(etag))) return 'sha256';
  return /^g[0-9a-f]{64}$/.test(bare(etag)) ? 'blocks' : 'other';
}

const bare = (etag: string): string => etag.replaceAll('"', '');
