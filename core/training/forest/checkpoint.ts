import { joinBytes } from '../../bytes.ts';
import { FanfareError } from '../../errors.ts';
import { decodeJson, encodeJson } from '../../store.ts';
import { setBytes } from '../bins/bin-set.ts';
import type { BinsManifest } from '../bins/bins-manifest.ts';
import type { ForestParams } from './params.ts';
import { nodeBytes, nodeCount, type Tree } from './tree.ts';

const format = 'forest-checkpoint-1';

/** What a run has come to. */
export interface RunState {
  readonly trees: Tree[];
  /** What the splits by each feature gained, and how many there are. */
  readonly gains: readonly number[];
  readonly splits: readonly number[];
}

/** What a run is of. */
export interface RunOf {
  readonly params: ForestParams;
  readonly seed: number;
  readonly manifest: BinsManifest;
  readonly width: number;
}

interface Head {
  readonly format: string;
  readonly of: ReturnType<typeof identity>;
  /** Nodes and sets of each tree. */
  readonly trees: readonly (readonly [number, number])[];
  readonly gains: readonly number[];
  readonly splits: readonly number[];
}

/** The length of the head as u32, the head as JSON, padding to 4, then each tree's arrays; little endian. */
export function encodeCheckpoint({ trees, gains, splits }: RunState, of: RunOf): Uint8Array {
  const counts = trees.map((tree) => [nodeCount(tree), tree.sets.length / setBytes] as const);
  const head = encodeJson({ format, of: identity(of), trees: counts, gains, splits } satisfies Head);
  const start = new Uint8Array(bodyStart(head.length));
  new DataView(start.buffer).setUint32(0, head.length, true);
  start.set(head, 4);
  const values = ({ values }: Tree) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return joinBytes([start, ...trees.flatMap((tree) => [tree.nodes, tree.sets, values(tree)])]);
}

/** `TrainableFailed` if the checkpoint is of other params, seed or rows, or is cut off. */
export function decodeCheckpoint(bytes: Uint8Array, of: RunOf): RunState {
  const copy = bytes.slice();
  const headSize = new DataView(copy.buffer).getUint32(0, true);
  const head = decodeJson(copy.subarray(4, 4 + headSize)) as Head;
  const wanted = JSON.stringify(identity(of));
  if (head.format !== format || JSON.stringify(head.of) !== wanted) {
    throw new FanfareError(
      'TrainableFailed',
      `forest: the checkpoint is of ${head.format} ${JSON.stringify(head.of)}, this run is ${wanted}`,
    );
  }
  const valueBytes = (nodes: number) => (nodes + 1) * 4 * of.width;
  const size = head.trees.reduce(
    (sum, [nodes, sets]) => sum + nodes * nodeBytes + sets * setBytes + valueBytes(nodes),
    bodyStart(headSize),
  );
  if (size !== copy.length) {
    throw new FanfareError(
      'TrainableFailed',
      `forest: the checkpoint has ${copy.length} bytes, ${size} are expected`,
    );
  }
  let at = bodyStart(headSize);
  const take = (length: number): ArrayBuffer => {
    at += length;
    return copy.buffer.slice(at - length, at);
  };
  const trees = head.trees.map(([nodes, sets]) => ({
    nodes: new Uint8Array(take(nodes * nodeBytes)),
    sets: new Uint8Array(take(sets * setBytes)),
    values: new Float32Array(take(valueBytes(nodes))),
  }));
  return { trees, gains: head.gains, splits: head.splits };
}

const bodyStart = (headSize: number): number => Math.ceil((4 + headSize) / 4) * 4;

const identity = ({ params, seed, manifest, width }: RunOf) => ({
  ...{ params, seed, width },
  ...{ rows: manifest.train.rows, features: manifest.plan.features.length },
});
