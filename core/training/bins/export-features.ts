import { type GraphBuilder, int } from '../../onnx/graph.ts';
import type { DatePart } from '../date-parts.ts';
import { addInputs, type PlannedInput } from '../graph-inputs.ts';
import { addPart, addTime, type Time } from '../graph-times.ts';
import type { FeatureBins } from './bin-plan.ts';

/**
 * Adds the inputs, a vector a column, and the features made of them; answers the float matrix [rows, features]. A number
 * is rounded to float32 by way of double, as in training; a category becomes its bin.
 */
export function addFeatures(
  graph: GraphBuilder,
  inputs: readonly PlannedInput[],
  features: readonly FeatureBins[],
): string {
  const types = new Map(inputs.map((input) => [input.name, input.type]));
  addInputs(graph, inputs);
  const times = new Map<string, Time>();
  const one = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
  const vectors = features.map((bins) => {
    const { column } = bins.feature;
    if (bins.kind === 'categories') return addCategory(graph, column, bins.categories);
    if (bins.feature.kind === 'number') return addNumber(graph, column, types.get(column) === 'integer');
    const time = times.get(column) ?? addTime(graph, column);
    times.set(column, time);
    return addPartNumber(graph, time, bins.feature.part);
  });
  const columns = vectors.map((vector) => graph.node('Unsqueeze', [vector, one]));
  return graph.node('Concat', columns, { axis: int(1) });
}

function addNumber(graph: GraphBuilder, column: string, whole: boolean): string {
  return graph.cast(whole ? graph.cast(column, 'double') : column, 'float');
}

function addCategory(graph: GraphBuilder, column: string, categories: readonly string[]): string {
  // A column that was empty in training still needs a table; the tree has no split by it.
  const words = categories.length > 0 ? categories : [''];
  const attributes = {
    keys_strings: { kind: 'strings', values: words },
    values_floats: { kind: 'floats', values: Float32Array.from(words, (_, k) => k + 1) },
    default_float: { kind: 'float', value: 0 },
  } as const;
  return graph.node('LabelEncoder', [column], attributes, 'ai.onnx.ml');
}

function addPartNumber(graph: GraphBuilder, time: Time, part: DatePart): string {
  const value = graph.cast(addPart(graph, time, part), 'float');
  return graph.node('Where', [time.missing, graph.scalar('float', Number.NaN), value]);
}
