import { stream } from '../../chance.ts';
import { type Architecture, parametersOf } from './architecture.ts';

/**
 * A network's first parameters: weights and biases even within ±√(6 / (in + out)), or ±√(2 / (in + out)) for `logistic`, as
 * scikit-learn's (Glorot & Bengio, 2010); embeddings within ±0.05, as Keras's, but for code 0, which is 0 until it is met.
 */
export function firstParameters(architecture: Architecture, seed: number): Float32Array {
  const next = stream(`${seed}/mlp/parameters`);
  const factor = architecture.activation === 'logistic' ? 2 : 6;
  const parameters = parametersOf(architecture);
  let bound = 0;
  const parts = parameters.map(({ kind, dims, size }) => {
    const [rows = 0, columns = 0] = dims;
    // A layer's biases follow its weights, and have their bound.
    if (kind === 'weight') bound = Math.sqrt(factor / (rows + columns));
    const within = kind === 'embedding' ? 0.05 : bound;
    const part = Float32Array.from({ length: size }, () => (next() * 2 - 1) * within);
    return kind === 'embedding' ? part.fill(0, 0, columns) : part;
  });
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
}

/** The rows in the order in which that epoch, counted from 0, goes through them. */
export function orderOf(rows: number, seed: number, epoch: number): Int32Array {
  const next = stream(`${seed}/mlp/order/${epoch}`);
  const order = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const place = Math.floor(next() * (row + 1));
    order[row] = order[place]!;
    order[place] = row;
  }
  return order;
}

/** Finer shares of a dropout are rounded to these. */
const levels = 2 ** 16;

/** What is left of a layer's outputs is made so much larger. */
export const dropoutScale = (dropout: number): number => levels / (levels - Math.round(dropout * levels));

/**
 * 1 where a unit stays, 0 where it is left out, of a step's rows in one layer; `step` counts from the first of all. By
 * xorshift32 (Marsaglia, 2003), two draws a word: an epoch has hundreds of millions.
 */
export function fillMask(mask: Uint8Array, dropout: number, seed: number, step: number, layer: number): void {
  const least = Math.round(dropout * levels);
  let word = 1 + Math.floor(stream(`${seed}/mlp/mask/${step}/${layer}`)() * (2 ** 32 - 1));
  for (let at = 0; at < mask.length; at += 2) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    mask[at] = (word & 0xffff) < least ? 0 : 1;
    // What is behind an odd end is not written.
    mask[at + 1] = word >>> 16 < least ? 0 : 1;
  }
}
