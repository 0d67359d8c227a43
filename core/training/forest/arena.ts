import type { Task } from '../../contracts/task.ts';
import { FanfareError } from '../../errors.ts';
import { maxWideBins } from '../bins/bin-plan.ts';
import type { BinsManifest } from '../bins/bins-manifest.ts';
import { readManifest, readSide } from '../bins/read-bins.ts';
import type { Cache } from '../trainable.ts';
import { type Kernel, kernelOver } from './kernel.ts';
import { noBin } from './tree.ts';

/**
 * Both sides' rows in one WebAssembly memory, with the room that a run needs; all runs of this process share it, one at a
 * time. Numbers are byte offsets.
 */
export interface Arena {
  readonly manifest: BinsManifest;
  readonly kernel: Kernel;
  readonly memory: WebAssembly.Memory;
  /** Numbers that a leaf holds: 1, or the classes of more than two. */
  readonly width: number;
  readonly train: Side;
  readonly validation: Side;
  readonly places: Places;
  /** The mean of the training targets of a regression, which stand in the memory less it. */
  readonly mean: number;
  /** The run whose sums and weights the arena holds. */
  owner: object | undefined;
}

interface Side {
  /** Where the first column of bins begins, and from one to the next; a bin takes two bytes. */
  readonly columns: number;
  readonly pitch: number;
  readonly count: number;
  readonly labels: Float64Array;
  readonly weights: Float64Array | undefined;
}

type Places = ReturnType<typeof layOut>;

/** `MissingInput` where `prepare` has not finished, `BadTable` where an object is not what it wrote. */
export async function loadArena(cache: Cache): Promise<Arena> {
  const manifest = await readManifest(cache);
  const width = widthOf(manifest.task);
  const places = layOut(manifest, width);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(places.free / pageBytes) + 1 });
  const sideOf = async (name: 'train' | 'validation', columns: number): Promise<Side> => {
    const { rows } = manifest[name];
    const numbers = () => new Float64Array(rows);
    const side = { pitch: 2 * rows, labels: numbers(), weights: manifest.weighted ? numbers() : undefined };
    const bytes = new Uint8Array(memory.buffer, columns, 2 * rows * manifest.plan.features.length);
    await readSide(cache, manifest[name], manifest, { ...side, columns: bytes });
    return { ...side, columns, count: rows };
  };
  const train = await sideOf('train', places.columns);
  const validation = await sideOf('validation', places.validationColumns);
  const kinds = manifest.plan.features.map((bins) => (bins.kind === 'edges' ? bins.edges.length + 1 : noBin));
  new Uint32Array(memory.buffer, places.kinds, kinds.length).set(kinds);
  const mean = manifest.task.kind === 'regression' ? meanOf(train) : 0;
  writeTargets(memory, places.targets, train.labels, width, mean);
  const kernel = kernelOver(memory);
  return { manifest, kernel, memory, width, train, validation, places, mean, owner: undefined };
}

export const widthOf = (task: Task): number => (task.kind === 'multiclass' ? task.classes.length : 1);

function meanOf({ labels, weights, count }: Side): number {
  let sum = 0;
  let whole = 0;
  for (let row = 0; row < count; row++) {
    const weight = weights ? weights[row]! : 1;
    sum += weight * labels[row]!;
    whole += weight;
  }
  return Math.fround(sum / whole);
}

/** A number less the mean; of more than two classes where its weight is in a cell. */
function writeTargets(
  memory: WebAssembly.Memory,
  at: number,
  labels: Float64Array,
  width: number,
  mean: number,
): void {
  if (width > 1) new Uint32Array(memory.buffer, at, labels.length).set(labels.map((label) => 8 * label));
  else new Float32Array(memory.buffer, at, labels.length).set(labels.map((label) => label - mean));
}

/** A row in a tree: kernels/forest-count.ts. */
const entryBytes = 16;

function layOut({ train, validation, plan }: BinsManifest, width: number) {
  const features = plan.features.length;
  const take = allocator(firstFree);
  const places = {
    growth: take(256),
    cells: take((maxWideBins + 1) * Math.max(16, 8 * width)),
    counts: take((maxWideBins + 1) * 4),
    occurring: take((maxWideBins + 1) / 8),
    list: take((maxWideBins + 2) * 4),
    ranked: take(256 * 4),
    steepness: take(256 * 8),
    totals: take(8 * width),
    left: take(8 * width),
    order: take(4 * features),
    kinds: take(4 * features),
    gains: take(8 * features),
    splits: take(4 * features),
    columns: take(2 * features * train.rows),
    validationColumns: take(2 * features * validation.rows),
    targets: take(4 * train.rows),
    weights: take(4 * train.rows),
    draws: take(train.rows),
    entries: take(entryBytes * train.rows),
    spare: take(entryBytes * train.rows),
    validationSums: take(4 * width * validation.rows),
    outOfBagSums: take(4 * width * train.rows),
    outOfBagTrees: take(4 * train.rows),
    free: take(0),
  };
  if (places.free <= mostBytes) return places;
  throw new FanfareError(
    'BadTable',
    `forest: ${train.rows} training rows of ${features} features need ${places.free} bytes, ${mostBytes} are allowed`,
  );
}

/** What the rows of a side may take of the memory, so that the function that trains has room for the rest. */
const rowsBudget = 900 * 2 ** 20;

/** So many training rows fit; a larger table is sampled. A row takes its bins, what `layOut` has a row, a node and a leaf. */
export const mostTrainingRows = (features: number, width: number): number =>
  Math.floor(rowsBudget / (2 * features + 2 * entryBytes + 13 + 4 * width + 16 + 4 * width));

const pageBytes = 65_536;
/** The first page has the kernel's own constants. */
const firstFree = pageBytes;
/** Leaves room for a tree in the 4 GiB that 32-bit addresses reach. */
const mostBytes = 3 * 2 ** 30;

/** Makes sure that the memory reaches to `end`; views of it that were made before are void afterwards. */
export function growTo(memory: WebAssembly.Memory, end: number): void {
  const lacking = end - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / pageBytes));
}

/** Hands out places one after the other, each at a multiple of 64. */
export function allocator(first: number): (bytes: number) => number {
  let next = first;
  return (bytes) => {
    const at = next;
    next = Math.ceil((next + bytes) / 64) * 64;
    return at;
  };
}
