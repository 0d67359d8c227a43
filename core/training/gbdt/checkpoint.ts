import { FanfareError } from '../../errors.ts';
import { decodeJson, encodeJson } from '../../store.ts';
import { setBytes } from '../bins/bin-set.ts';
import type { BinsManifest } from '../bins/bins-manifest.ts';
import type { GbdtParams } from './params.ts';
import type { Tree } from './tree.ts';

const format = 'gbdt-checkpoint-3';

interface Head {
  readonly format: string;
  /** What the trees mean: params, seed and bins must be those of the run that resumes. */
  readonly of: {
    readonly params: GbdtParams;
    readonly seed: number;
    readonly rows: number;
    readonly features: number;
  };
  /** Nodes of each tree. */
  readonly nodes: readonly number[];
  readonly losses: readonly number[];
}

/** What a run has come to. */
export interface RunState {
  /** Round after round, of each round one an output. */
  readonly trees: Tree[];
  /** The validation side's loss after each round, where early stopping watches it; it may be ahead of the trees that were kept. */
  readonly losses: number[];
}

/** Bytes a node takes: set, left, right, its feature (as u32), its gain and a leaf's value. */
const nodeSize = setBytes + 20;

/** The length of the head as u32, the head as JSON, padding to 4, then each tree's arrays; little endian. */
export function encodeCheckpoint(
  { trees, losses }: RunState,
  manifest: BinsManifest,
  params: GbdtParams,
  seed: number,
): Uint8Array {
  const nodes = trees.map((tree) => tree.nodes);
  const head: Head = { format, of: identity(manifest, params, seed), nodes, losses };
  const headBytes = encodeJson(head);
  const size = trees.reduce((sum, tree) => sum + tree.nodes * nodeSize + 4, bodyStart(headBytes.length));
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, headBytes.length, true);
  bytes.set(headBytes, 4);
  let at = bodyStart(headBytes.length);
  for (const tree of trees) {
    for (const part of [
      tree.left,
      tree.right,
      Uint32Array.from(tree.feature),
      tree.gains,
      tree.values,
      tree.sets,
    ]) {
      bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
      at += part.byteLength;
    }
  }
  return bytes;
}

/** `TrainableFailed` if the checkpoint is of other params, seed or rows, or is cut off. */
export function decodeCheckpoint(
  bytes: Uint8Array,
  manifest: BinsManifest,
  params: GbdtParams,
  seed: number,
): RunState {
  const copy = bytes.slice();
  const headSize = new DataView(copy.buffer).getUint32(0, true);
  const head = decodeJson(copy.subarray(4, 4 + headSize)) as Head;
  const wanted = JSON.stringify(identity(manifest, params, seed));
  if (head.format !== format || JSON.stringify(head.of) !== wanted) {
    throw new FanfareError(
      'TrainableFailed',
      `gbdt: the checkpoint is of ${head.format} ${JSON.stringify(head.of)}, this run is ${wanted}`,
    );
  }
  const size = head.nodes.reduce((sum, nodes) => sum + nodes * nodeSize + 4, bodyStart(headSize));
  if (size !== copy.length) {
    throw new FanfareError(
      'TrainableFailed',
      `gbdt: the checkpoint has ${copy.length} bytes, ${size} are expected`,
    );
  }
  let at = bodyStart(headSize);
  const take = (length: number): ArrayBuffer => {
    at += length;
    return copy.buffer.slice(at - length, at);
  };
  const trees = head.nodes.map((nodes) => ({
    nodes,
    left: new Int32Array(take(nodes * 4)),
    right: new Int32Array(take(nodes * 4)),
    feature: Uint16Array.from(new Uint32Array(take(nodes * 4))),
    gains: new Float32Array(take(nodes * 4)),
    values: new Float32Array(take((nodes + 1) * 4)),
    sets: new Uint8Array(take(nodes * setBytes)),
  }));
  return { trees, losses: [...head.losses] };
}

const bodyStart = (headSize: number): number => Math.ceil((4 + headSize) / 4) * 4;

function identity(manifest: BinsManifest, params: GbdtParams, seed: number): Head['of'] {
  return { params, seed, rows: manifest.train.rows, features: manifest.plan.features.length };
}
