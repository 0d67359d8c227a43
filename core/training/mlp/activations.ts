import type { GraphBuilder } from '../../onnx/graph.ts';

export const activations = ['relu', 'tanh', 'logistic', 'gelu'] as const;
export type Activation = (typeof activations)[number];

/** y = f(x) */
export function activate(graph: GraphBuilder, activation: Activation, x: string): string {
  switch (activation) {
    case 'relu':
      return graph.node('Relu', [x]);
    case 'tanh':
      return graph.node('Tanh', [x]);
    case 'logistic':
      return graph.node('Sigmoid', [x]);
    case 'gelu':
      return graph.node('Mul', [x, normalShare(graph, x)]);
  }
}

/** The gradient by x, of the one by y. */
export function backThrough(
  graph: GraphBuilder,
  activation: Activation,
  { x, y }: { readonly x: string; readonly y: string },
  gradient: string,
): string {
  return graph.node('Mul', [gradient, slope(graph, activation, x, y)]);
}

function slope(graph: GraphBuilder, activation: Activation, x: string, y: string): string {
  const scalar = (value: number) => graph.scalar('float', value);
  switch (activation) {
    case 'relu':
      // 1 where it is not 0: faster than Greater or Sign.
      return graph.cast(graph.cast(y, 'bool'), 'float');
    case 'tanh':
      return graph.node('Sub', [scalar(1), graph.node('Mul', [y, y])]);
    case 'logistic':
      return graph.node('Mul', [y, graph.node('Sub', [scalar(1), y])]);
    case 'gelu': {
      // Φ(x) + x φ(x)
      const square = graph.node('Mul', [graph.node('Mul', [x, x]), scalar(-0.5)]);
      const density = graph.node('Mul', [graph.node('Exp', [square]), scalar(1 / Math.sqrt(2 * Math.PI))]);
      return graph.node('Add', [normalShare(graph, x), graph.node('Mul', [x, density])]);
    }
  }
}

/** Φ(x): the share of a standard normal below x. */
function normalShare(graph: GraphBuilder, x: string): string {
  const scaled = graph.node('Mul', [x, graph.scalar('float', Math.SQRT1_2)]);
  const half = graph.scalar('float', 0.5);
  return graph.node('Add', [graph.node('Mul', [graph.node('Erf', [scaled]), half]), half]);
}
