import { GraphBuilder } from '../../onnx/graph.ts';
import { producer } from '../../onnx/producer.ts';
import { addDense } from '../dense/graph.ts';
import type { DensePlan } from '../dense/plan.ts';
import { addOutputs, modelMetadata } from '../outputs.ts';
import type { TrainingTable } from '../trainable.ts';
import { categoryStarts, designNames, interceptOf } from './design.ts';

/**
 * One ONNX file: the features, and a score a model in doubles. A category's part of a score is looked up by its code. The
 * metadata names the coefficients, of standardised numbers, so that their sizes tell how much each matters.
 */
export function exportLinear(
  plan: DensePlan,
  models: readonly Float64Array[],
  table: Pick<TrainingTable, 'target' | 'task'>,
): Uint8Array {
  const graph = new GraphBuilder();
  const { numbers, codes } = addDense(graph, plan);
  const isOne = models.length === 1;
  /** A row of the models' coefficients for each place; a vector where there is one model. */
  const rowsOf = (places: readonly (number | undefined)[]): string =>
    graph.constant({
      type: 'double',
      values: Float64Array.from(
        places.flatMap((at) => models.map((model) => (at === undefined ? 0 : model[at]!))),
      ),
      dims: isOne ? [places.length] : [places.length, models.length],
    });
  const places = plan.numbers.map((_, at) => at);
  const parts = numbers === undefined ? [] : [graph.node('MatMul', [numbers, rowsOf(places)])];
  const starts = categoryStarts(plan);
  for (const [at, code] of codes.entries()) {
    const coded = Array.from({ length: starts[at + 1]! - starts[at]! }, (_, k) => starts[at]! + k);
    parts.push(graph.node('Gather', [rowsOf([undefined, ...coded]), code]));
  }
  if (parts.length === 0) parts.push(addNothing(graph, plan, isOne, models.length));
  const intercepts = graph.constant({
    type: 'double',
    values: Float64Array.from(models, (model) => model[interceptOf(plan)]!),
    dims: isOne ? [] : [models.length],
  });
  const score = parts.reduce((sum, part) => graph.node('Add', [sum, part]), intercepts);
  addOutputs(graph, table.task, { score: graph.cast(score, 'float') });
  const metadata = new Map([
    ...modelMetadata('linear', table.target, table.task),
    ['fanfare.coefficients', JSON.stringify(coefficientsOf(plan, models))] as const,
  ]);
  return graph.finish(producer, metadata);
}

/** Zeros a row, where no column tells anything: the model is its intercept. */
function addNothing(graph: GraphBuilder, { inputs }: DensePlan, isOne: boolean, models: number): string {
  const rows = graph.node('Shape', [inputs[0]!.name]);
  const last = graph.constant({ type: 'int64', values: BigInt64Array.of(BigInt(models)) });
  const shape = isOne ? rows : graph.node('Concat', [rows, last], { axis: { kind: 'int', value: 0 } });
  const value = { kind: 'tensor', tensor: { type: 'double', values: Float64Array.of(0) } } as const;
  return graph.node('ConstantOfShape', [shape], { value });
}

/** By the design's columns: a number or, of several models, one each. */
const coefficientsOf = (
  plan: DensePlan,
  models: readonly Float64Array[],
): Record<string, number | number[]> =>
  Object.fromEntries(
    designNames(plan).map((name, at) => {
      const values = models.map((model) => model[at]!);
      return [name, values.length === 1 ? values[0]! : values];
    }),
  );
