import type { DataType, GraphBuilder } from '../onnx/graph.ts';
import type { Field } from '../tables/batch.ts';

/** A column that a model takes. */
export interface PlannedInput extends Field {
  /** Whether any row lacks a value. It decides the type of the model's input, and nothing else. */
  readonly missing: boolean;
}

/** Adds an input a column: a vector of the rows' raw values. */
export function addInputs(graph: GraphBuilder, inputs: readonly PlannedInput[]): void {
  for (const input of inputs) graph.input(input.name, inputType(input));
}

/** The type of a model's input: whole numbers and booleans have no missing value, so such a column becomes a float. */
function inputType({ type, missing }: PlannedInput): DataType {
  switch (type) {
    case 'float':
      return 'double';
    case 'integer':
      return missing ? 'double' : 'int64';
    case 'boolean':
      return missing ? 'float' : 'bool';
    case 'timestamp':
      return 'int64';
    case 'string':
      return 'string';
  }
}
