import { joinBytes } from '../../bytes.ts';
import { FanfareError } from '../../errors.ts';
import { decodeJson, encodeJson } from '../../store.ts';
import type { MlpParams } from './params.ts';

const format = 'mlp-checkpoint-1';

/** What a run has come to. */
export interface Standing {
  /** Minibatches so far. */
  readonly steps: number;
  /** All parameters, and Adam's two moments of each: see `trainingGraph`. */
  readonly parameters: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
  /** The validation side's loss after each epoch, and the parameters of the best, where early stopping watches them. */
  readonly losses: readonly number[];
  readonly best: Float32Array | undefined;
}

/** What a standing means: it must be that of the run that resumes. */
export interface Identity {
  readonly params: MlpParams;
  readonly seed: number;
  readonly rows: number;
  readonly most: number;
  readonly parameters: number;
}

interface Head {
  readonly format: string;
  readonly of: Identity;
  readonly steps: number;
  readonly losses: readonly number[];
  readonly hasBest: boolean;
}

/** The length of the head as u32, the head as JSON, padding to 4, then each vector as f32; little endian. */
export function encodeCheckpoint(standing: Standing, of: Identity): Uint8Array {
  const { steps, losses, parameters, mean, square, best } = standing;
  const head: Head = { format, of, steps, losses, hasBest: best !== undefined };
  const bytes = encodeJson(head);
  const padded = new Uint8Array(bodyStart(bytes.length));
  new DataView(padded.buffer).setUint32(0, bytes.length, true);
  padded.set(bytes, 4);
  const vectors = [parameters, mean, square, ...(best ? [best] : [])];
  return joinBytes([
    padded,
    ...vectors.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  ]);
}

/** `TrainableFailed` if the checkpoint is of other params, seed or rows, or is cut off. */
export function decodeCheckpoint(bytes: Uint8Array, of: Identity): Standing {
  const copy = bytes.slice();
  const headSize = new DataView(copy.buffer).getUint32(0, true);
  const head = decodeJson(copy.subarray(4, 4 + headSize)) as Head;
  const wanted = JSON.stringify(of);
  if (head.format !== format || JSON.stringify(head.of) !== wanted) {
    throw new FanfareError(
      'TrainableFailed',
      `mlp: the checkpoint is of ${head.format} ${JSON.stringify(head.of)}, this run is ${wanted}`,
    );
  }
  const start = bodyStart(headSize);
  const size = start + of.parameters * 4 * (head.hasBest ? 4 : 3);
  if (size !== copy.length) {
    throw new FanfareError(
      'TrainableFailed',
      `mlp: the checkpoint has ${copy.length} bytes, ${size} are expected`,
    );
  }
  const vector = (at: number) => new Float32Array(copy.buffer, start + at * of.parameters * 4, of.parameters);
  return {
    steps: head.steps,
    losses: head.losses,
    parameters: vector(0),
    mean: vector(1),
    square: vector(2),
    best: head.hasBest ? vector(3) : undefined,
  };
}

const bodyStart = (headSize: number): number => Math.ceil((4 + headSize) / 4) * 4;
