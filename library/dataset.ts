import { basename, dirname, join, resolve } from 'node:path';
import { fileStore } from '../adapters/files/file-store.ts';
import { Rows } from '../core/code/rows.ts';
import { keys } from '../core/contracts/keys.ts';
import { Identity, type Side, sides } from '../core/contracts/names.ts';
import { Dataset as Manifest } from '../core/contracts/records.ts';
import { FanfareError } from '../core/errors.ts';
import { readPartition } from '../core/steps/job.ts';
import { findObject } from '../core/steps/objects.ts';
import { decodeArrow } from '../core/tables/arrow-decode.ts';
import type { Field } from '../core/tables/batch.ts';
import { concatBatches } from '../core/tables/join.ts';

/** A split table that was committed. */
export interface Dataset {
  readonly id: string;
  /** Names and types of its columns. */
  readonly fields: readonly Field[];
  /** How many rows each side has. */
  readonly rows: Readonly<Record<Side, number>>;
  /**
   * The rows of a side, or of all, a partition at a time in the dataset's order: the same at every reading. `StoreFailed` for
   * a partition that is not the one that was committed, by its SHA-256.
   */
  partitions(side?: Side): AsyncIterable<DatasetPartition>;
}

export interface DatasetPartition {
  readonly side: Side;
  /** Counts from 0 within its side. */
  readonly index: number;
  /** Of a training side that is cut into folds: which one. */
  readonly fold?: number;
  readonly rows: Rows;
}

/**
 * Opens a dataset by its folder (`.fanfare/store/datasets/<id>`) or, below `home`, by its id. `MissingInput` where no
 * dataset was committed there.
 */
export async function openDataset(place: string, options: { readonly home?: string } = {}): Promise<Dataset> {
  const { root, id } = locate(place, options.home);
  const store = fileStore(root);
  const found = Identity.safeParse(id).success
    ? await findObject(store, keys.datasetManifest(id), Manifest)
    : undefined;
  if (found === undefined) {
    throw new FanfareError(
      'MissingInput',
      `${place}: there is no dataset ${join(root, 'datasets', id)}; name its folder, or its id and { home }`,
    );
  }
  return {
    id: found.dataset,
    fields: found.fields,
    rows: found.rows,
    async *partitions(only) {
      for (const side of only === undefined ? sides : [only]) {
        for (const [index, partition] of found.partitions[side].entries()) {
          const batch = concatBatches(decodeArrow(await readPartition(store, partition)));
          const { fold } = partition;
          yield { side, index, ...(fold !== undefined && { fold }), rows: new Rows(batch) };
        }
      }
    },
  };
}

function locate(place: string, home: string | undefined): { readonly root: string; readonly id: string } {
  if (home !== undefined) return { root: join(resolve(home), 'store'), id: place };
  const folder = resolve(place);
  return { root: dirname(dirname(folder)), id: basename(folder) };
}
