import { FanfareError } from '../../errors.ts';
import { binsOf } from '../bins/bin-plan.ts';
import type { BinsManifest } from '../bins/bins-manifest.ts';
import { readManifest, readSide } from '../bins/read-bins.ts';
import type { Cache } from '../trainable.ts';
import { type Kernel, kernelOver } from './kernel.ts';

/** A training row's gradient and hessian, float32 each, which stand before its bins in a record. */
export const gradientBytes = 8;

/**
 * Both sides' rows in one WebAssembly memory, with the room that a run needs; all runs of this process share it, one at
 * a time. Numbers are byte offsets.
 */
export interface Arena {
  readonly manifest: BinsManifest;
  readonly kernel: Kernel;
  readonly memory: WebAssembly.Memory;
  readonly train: BinColumns & { readonly labels: number };
  readonly validation: BinColumns & { readonly labels: Uint8Array };
  /** Records of the training rows, one tree's features at a time: gradient, hessian, bins. */
  readonly records: number;
  /** Copies of the records of small nodes, and the row of each. */
  readonly copies: number;
  readonly origin: number;
  /** The features whose bins the records hold. */
  packed: readonly number[];
  readonly scores: number;
  readonly validationScores: number;
  readonly index: number;
  readonly spare: number;
  /** 256 bytes: which bins go left. */
  readonly table: number;
  /** Where a run's histograms begin; the memory grows behind it. */
  readonly free: number;
  /** Bins a feature in a histogram, the same for all. */
  readonly histogramBins: number;
  /** The run whose scores the arena holds. */
  owner: object | undefined;
}

/** A side's bins, column by column. */
export interface BinColumns {
  /** Where the first column begins. */
  readonly columns: number;
  /** From one column to the next; a multiple of 16, and at least `count`. */
  readonly pitch: number;
  /** Rows. */
  readonly count: number;
}

/** `MissingInput` where `prepare` has not finished, `BadTable` where an object is not what it wrote. */
export async function loadArena(cache: Cache): Promise<Arena> {
  const manifest = await readManifest(cache);
  const { train, validation, plan } = manifest;
  const features = plan.features.length;
  const histogramBins = Math.max(...plan.features.map(binsOf));
  const pitch = padTo16(train.rows);
  const validationPitch = padTo16(validation.rows);
  const take = allocator();
  const places = {
    table: take(256),
    columns: take(features * pitch),
    records: take(recordBytes(features) * pitch),
    copies: take(recordBytes(features) * pitch),
    origin: take(pitch * 4),
    labels: take(pitch),
    validationColumns: take(features * validationPitch),
    scores: take(pitch * 4),
    validationScores: take(validation.rows * 4),
    index: take(Math.max(train.rows, validation.rows) * 4 + 4),
    spare: take(Math.max(train.rows, validation.rows) * 4 + 4),
    free: take(0),
  };
  if (places.free > mostBytes) {
    throw new FanfareError(
      'BadTable',
      `gbdt: ${train.rows} training rows of ${plan.features.length} features need ${places.free} bytes, ${mostBytes} are allowed`,
    );
  }
  const memory = new WebAssembly.Memory({ initial: Math.ceil(places.free / pageBytes) + 1 });
  const trainLabels = new Uint8Array(memory.buffer, places.labels, train.rows);
  await readSide(cache, train, features, new Uint8Array(memory.buffer, places.columns), pitch, trainLabels);
  const labels = new Uint8Array(validation.rows);
  const bins = new Uint8Array(memory.buffer, places.validationColumns);
  await readSide(cache, validation, features, bins, validationPitch, labels);
  return {
    manifest,
    kernel: kernelOver(memory),
    memory,
    train: { columns: places.columns, pitch, count: train.rows, labels: places.labels },
    validation: { columns: places.validationColumns, pitch: validationPitch, count: validation.rows, labels },
    records: places.records,
    copies: places.copies,
    origin: places.origin,
    packed: [],
    scores: places.scores,
    validationScores: places.validationScores,
    index: places.index,
    spare: places.spare,
    table: places.table,
    free: places.free,
    histogramBins,
    owner: undefined,
  };
}

/** What the rows of a side may take of the memory, so that the function that trains has room for the rest. */
const rowsBudget = 900 * 2 ** 20;

/** So many training rows fit; a larger table is sampled. A row takes its bins, a record and its copy, a label, a score and three row numbers. */
export const mostTrainingRows = (features: number): number =>
  Math.floor(rowsBudget / (features + 2 * recordBytes(features) + 1 + 4 + 3 * 4));

const padTo16 = (rows: number): number => Math.ceil(rows / 16) * 16;

/** Bytes of a record with the bins of so many features: they are read four at once. */
export const recordBytes = (features: number): number => gradientBytes + Math.ceil(features / 4) * 4;

const pageBytes = 65_536;
/** Leaves room for histograms in the 4 GiB that 32-bit addresses reach. */
const mostBytes = 3.5 * 2 ** 30;

/** Makes sure that the memory reaches to `end`; views of it that were made before are void afterwards. */
export function growTo(memory: WebAssembly.Memory, end: number): void {
  const lacking = end - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / pageBytes));
}

function allocator(): (bytes: number) => number {
  let next = 64;
  return (bytes) => {
    const at = next;
    next = Math.ceil((next + bytes) / 64) * 64;
    return at;
  };
}
