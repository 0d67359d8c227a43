import { sha256 } from '../../digest.ts';
import { FanfareError } from '../../errors.ts';
import { decodeJson } from '../../store.ts';
import type { Cache, TrainingTable } from '../trainable.ts';
import { type BinsManifest, manifestName } from './bins-manifest.ts';

/** A trainable's part: what it makes of the bins, and how it has them prepared. */
interface Reader<Arena> {
  load(cache: Cache): Promise<Arena>;
  prepareAnew(table: TrainingTable, cache: Cache): Promise<unknown>;
}

/**
 * The bins that `prepareBins` wrote, as the reader loads them. Each chunk must be what its manifest says; bins that were cut off, altered or
 * removed are made anew from the table, which gives the same ones. Without a table they are refused (`StoreFailed`).
 */
export async function loadBins<Arena>(
  reader: Reader<Arena>,
  cache: Cache,
  table?: TrainingTable,
): Promise<Arena> {
  const checked = checkedBins(cache);
  try {
    return await reader.load(checked.cache);
  } catch (error) {
    if (checked.broken() === undefined) throw error;
    if (table === undefined) {
      throw new FanfareError('StoreFailed', `bins: ${checked.broken()} is not what its manifest says`, {
        cause: error,
      });
    }
  }
  await reader.prepareAnew(table, cache);
  return reader.load(checkedBins(cache).cache);
}

/** Reads chunks only if they are those of the manifest that was read before; `broken` is the first that is not. */
function checkedBins(cache: Cache) {
  let digests: ReadonlyMap<string, string> = new Map();
  let broken: string | undefined;
  const read = async (name: string) => {
    const bytes = await cache.read(name);
    if (name === manifestName) {
      digests = bytes === undefined ? digests : digestsOf(bytes);
      return bytes;
    }
    if (bytes !== undefined && (await sha256(bytes)) === digests.get(name)) return bytes;
    broken ??= name;
    return undefined;
  };
  return { cache: { ...cache, read }, broken: () => broken };
}

function digestsOf(manifest: Uint8Array): ReadonlyMap<string, string> {
  const { train, validation } = decodeJson(manifest) as Partial<BinsManifest>;
  const chunks = [...(train?.chunks ?? []), ...(validation?.chunks ?? [])];
  return new Map(chunks.map((chunk) => [chunk.name, chunk.sha256]));
}
