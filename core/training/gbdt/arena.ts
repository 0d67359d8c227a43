import { FanfareError } from '../../errors.ts';
import { decodeJson } from '../../store.ts';
import type { Cache } from '../trainable.ts';
import { binsOf } from './bin-plan.ts';
import { type BinnedSide, type BinsManifest, binsFormat, manifestName } from './bins-manifest.ts';
import { type Kernel, kernelOver } from './kernel.ts';

/** A training row's gradient and hessian, float32 each, which stand before its bins. */
export const gradientBytes = 8;
/** One node of a tree as the kernel reads it. */
export const nodeBytes = 48;

/**
 * Both sides' rows in one WebAssembly memory, with the room that a run needs; all runs of this process share it, one at
 * a time. Numbers are byte offsets.
 */
export interface Arena {
  readonly manifest: BinsManifest;
  readonly kernel: Kernel;
  readonly memory: WebAssembly.Memory;
  /** Records of `stride` bytes: gradient, hessian, bins. */
  readonly train: {
    readonly rows: number;
    readonly count: number;
    readonly stride: number;
    readonly labels: number;
  };
  /** Bins alone. */
  readonly validation: {
    readonly rows: number;
    readonly count: number;
    readonly stride: number;
    readonly labels: Uint8Array;
  };
  readonly scores: number;
  readonly validationScores: number;
  readonly index: number;
  readonly spare: number;
  /** 256 bytes: which bins go left. */
  readonly table: number;
  /** Where a run's nodes, leaf values and histograms begin; the memory grows behind it. */
  readonly free: number;
  /** Bins a feature in a histogram, the same for all. */
  readonly histogramBins: number;
  /** The run whose scores the arena holds. */
  owner: object | undefined;
}

/** `MissingInput` where `prepare` has not finished, `BadTable` where an object is not what it wrote. */
export async function loadArena(cache: Cache): Promise<Arena> {
  const manifest = await readManifest(cache);
  const { train, validation, plan } = manifest;
  const stride = gradientBytes + train.stride;
  const padded = Math.ceil(train.rows / 4) * 4;
  const take = allocator();
  const places = {
    table: take(256),
    rows: take(padded * stride),
    labels: take(padded),
    validationRows: take(validation.rows * validation.stride),
    scores: take(padded * 4),
    validationScores: take(validation.rows * 4),
    index: take(train.rows * 4 + 4),
    spare: take(train.rows * 4 + 4),
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
  await readSide(cache, train, new Uint8Array(memory.buffer, places.rows), trainLabels, gradientBytes);
  const labels = new Uint8Array(validation.rows);
  await readSide(cache, validation, new Uint8Array(memory.buffer, places.validationRows), labels, 0);
  return {
    manifest,
    kernel: kernelOver(memory),
    memory,
    train: { rows: places.rows, count: train.rows, stride, labels: places.labels },
    validation: { rows: places.validationRows, count: validation.rows, stride: validation.stride, labels },
    scores: places.scores,
    validationScores: places.validationScores,
    index: places.index,
    spare: places.spare,
    table: places.table,
    free: places.free,
    histogramBins: Math.max(...plan.features.map(binsOf)),
    owner: undefined,
  };
}

const pageBytes = 65_536;
/** Leaves room for histograms in the 4 GiB that 32-bit addresses reach. */
const mostBytes = 3.5 * 2 ** 30;

/** Makes sure that the memory reaches to `end`; views of it that were made before are void afterwards. */
export function growTo(memory: WebAssembly.Memory, end: number): void {
  const lacking = end - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / pageBytes));
}

async function readManifest(cache: Cache): Promise<BinsManifest> {
  const bytes = await cache.read(manifestName);
  if (!bytes)
    throw new FanfareError('MissingInput', `gbdt: ${manifestName} is missing: the bins were not prepared`);
  const manifest = decodeJson(bytes) as BinsManifest;
  if (manifest.format === binsFormat) return manifest;
  throw new FanfareError(
    'BadTable',
    `gbdt: the bins' format is ${manifest.format}, ${binsFormat} is expected`,
  );
}

function allocator(): (bytes: number) => number {
  let next = 64;
  return (bytes) => {
    const at = next;
    next = Math.ceil((next + bytes) / 64) * 64;
    return at;
  };
}

/** Writes a side's bins into records that hold `before` bytes of something else first. */
async function readSide(
  cache: Cache,
  side: BinnedSide,
  records: Uint8Array,
  labels: Uint8Array,
  before: number,
): Promise<void> {
  const { stride } = side;
  let row = 0;
  for (const chunk of side.chunks) {
    const bytes = await cache.read(chunk.name);
    if (bytes?.length !== chunk.rows * (stride + 1)) {
      const given = bytes ? `${bytes.length} bytes` : 'missing';
      throw new FanfareError('BadTable', `gbdt: ${chunk.name} is ${given}, ${chunk.rows} rows are expected`);
    }
    spread(bytes, chunk.rows, stride, records.subarray(row * (before + stride)), before);
    labels.set(bytes.subarray(chunk.rows * stride), row);
    row += chunk.rows;
  }
}

function spread(bytes: Uint8Array, rows: number, stride: number, records: Uint8Array, before: number): void {
  let from = 0;
  let to = before;
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < stride; k++) records[to + k] = bytes[from + k]!;
    from += stride;
    to += before + stride;
  }
}
