import type { Activation } from './activations.ts';

/** All that decides which graph trains a network; the rest comes in as tensors. */
export interface Architecture {
  /** Columns of the matrix of numbers. */
  readonly numbers: number;
  readonly embeddings: readonly Embedding[];
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly loss: 'log' | 'softmax' | 'squared';
  /** Units of the last layer. */
  readonly outputs: number;
}

/** A column of categories: each of its codes, of which 0 is for missing, rare and unseen ones, becomes `size` numbers. */
interface Embedding {
  readonly codes: number;
  readonly size: number;
}

/** A tensor of parameters: all of a network's lie one after the other in one vector, in this order. */
export interface Parameter {
  readonly kind: 'embedding' | 'weight' | 'bias';
  readonly dims: readonly number[];
  readonly size: number;
}

/** The embeddings, then each layer's weights and biases. */
export function parametersOf({ numbers, embeddings, hidden, outputs }: Architecture): readonly Parameter[] {
  const width = embeddings.reduce((sum, { size }) => sum + size, numbers);
  const units = [width, ...hidden, outputs];
  return [
    ...embeddings.map(({ codes, size }) => parameter('embedding', [codes, size])),
    ...units
      .slice(1)
      .flatMap((out, layer) => [parameter('weight', [units[layer]!, out]), parameter('bias', [out])]),
  ];
}

const parameter = (kind: Parameter['kind'], dims: readonly number[]): Parameter => ({
  kind,
  dims,
  size: dims.reduce((product, side) => product * side, 1),
});

export const parameterCount = (architecture: Architecture): number =>
  parametersOf(architecture).reduce((sum, { size }) => sum + size, 0);
