import { FanfareError } from '../../errors.ts';
import { binsOf } from '../bins/bin-plan.ts';
import type { BinsManifest } from '../bins/bins-manifest.ts';
import { readManifest, readSide } from '../bins/read-bins.ts';
import type { Cache } from '../trainable.ts';
import { type Kernel, kernelOver } from './kernel.ts';
import { outputsOf } from './objective.ts';

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
  /** `labels`: float32 each. */
  readonly train: BinColumns & { readonly labels: number; readonly weights: Float32Array | undefined };
  readonly validation: BinColumns & {
    readonly labels: Float64Array;
    readonly weights: Float64Array | undefined;
  };
  /** Records of the training rows, one tree's features at a time: gradient, hessian, bins. */
  readonly records: number;
  /** Copies of the records of small nodes, and the row of each. */
  readonly copies: number;
  readonly origin: number;
  /** The features whose bins the records hold. */
  packed: readonly number[];
  /** Float32, an output after the other, `pitch` rows each. */
  readonly scores: number;
  readonly validationScores: number;
  /** What the softmax of a row's scores has in common; no room where there is one score. */
  readonly softmaxMost: number;
  readonly softmaxShares: number;
  readonly index: number;
  readonly spare: number;
  /** 256 bytes: which bins go left. */
  readonly table: number;
  /** Room for what the kernel finds in a histogram: 8,192 bytes. */
  readonly found: number;
  /** Where what a run needs of its own begins; the memory grows behind it. */
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
  const { train, validation, plan, weighted } = manifest;
  const [pitch, validationPitch] = [padTo16(train.rows), padTo16(validation.rows)];
  const places = layOut(manifest, pitch, validationPitch);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(places.free / pageBytes) + 1 });
  const weights = weighted ? new Float32Array(train.rows) : undefined;
  await readSide(cache, train, manifest, {
    columns: new Uint8Array(memory.buffer, places.columns),
    pitch,
    labels: new Float32Array(memory.buffer, places.labels, train.rows),
    weights,
  });
  const labels = new Float64Array(validation.rows);
  const validationWeights = weighted ? new Float64Array(validation.rows) : undefined;
  await readSide(cache, validation, manifest, {
    columns: new Uint8Array(memory.buffer, places.validationColumns),
    pitch: validationPitch,
    labels,
    weights: validationWeights,
  });
  const { columns, labels: trainLabels, validationColumns, ...offsets } = places;
  return {
    manifest,
    kernel: kernelOver(memory),
    memory,
    ...offsets,
    train: { columns, pitch, count: train.rows, labels: trainLabels, weights },
    validation: {
      columns: validationColumns,
      ...{ pitch: validationPitch, count: validation.rows, labels, weights: validationWeights },
    },
    packed: [],
    histogramBins: Math.max(...plan.features.map(binsOf)),
    owner: undefined,
  };
}

/** Where each part begins. */
function layOut({ train, validation, plan, task }: BinsManifest, pitch: number, validationPitch: number) {
  const features = plan.features.length;
  const outputs = outputsOf(task);
  const softmax = outputs > 1 ? pitch * 4 : 0;
  const index = Math.max(train.rows, validation.rows) * 4 + 4;
  const take = allocator();
  const places = {
    table: take(256),
    found: take(8192),
    columns: take(features * pitch),
    records: take(recordBytes(features) * pitch),
    copies: take(recordBytes(features) * pitch),
    origin: take(pitch * 4),
    labels: take(pitch * 4),
    validationColumns: take(features * validationPitch),
    scores: take(outputs * pitch * 4),
    validationScores: take(outputs * validationPitch * 4),
    softmaxMost: take(softmax),
    softmaxShares: take(softmax),
    index: take(index),
    spare: take(index),
    free: take(0),
  };
  if (places.free <= mostBytes) return places;
  throw new FanfareError(
    'BadTable',
    `gbdt: ${train.rows} training rows of ${features} features need ${places.free} bytes, ${mostBytes} are allowed`,
  );
}

/** What the rows of a side may take of the memory, so that the function that trains has room for the rest. */
const rowsBudget = 900 * 2 ** 20;

/**
 * So many training rows fit; a larger table is sampled. A row takes its bins, a record and its copy, a label, three row
 * numbers, two weights, and for each output a score; of more than one output two numbers of the softmax.
 */
export const mostTrainingRows = (features: number, outputs: number): number =>
  Math.floor(rowsBudget / (features + 2 * recordBytes(features) + 4 * (6 + outputs + (outputs > 1 ? 2 : 0))));

export const padTo16 = (rows: number): number => Math.ceil(rows / 16) * 16;

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
