import { FanfareError } from '../errors.ts';
import { type ElementType, elementTypes, type ModelPort } from './model.ts';
import type { ModelProto, Value } from './model-proto.ts';

/** A port with its shape: a number or a name (or '') a dimension; undefined where the file says nothing of it. */
export interface ShapedPort extends Omit<ModelPort, 'shape'> {
  readonly shape: readonly (number | string)[] | undefined;
}

/** The numbers of TensorProto.DataType. */
const typeNames: Readonly<Record<number, ElementType>> = {
  1: 'float32',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  11: 'float64',
};

/** What a model takes: its inputs but for those that have a constant as default. `BadTable` for a type that is none of ours. */
export const inputsOf = ({ inputs, initializers }: ModelProto): readonly ShapedPort[] =>
  inputs.filter(({ name }) => !initializers.has(name)).map(portOf);

export const outputsOf = ({ outputs }: ModelProto): readonly ShapedPort[] => outputs.map(portOf);

function portOf({ name, elementType, shape }: Value): ShapedPort {
  const type = typeNames[elementType];
  if (type) return { name, type, shape };
  const given = elementType === 0 ? 'no tensor' : `of ONNX's type ${elementType}`;
  throw new FanfareError(
    'BadTable',
    `the model's "${name}" is ${given}; allowed: ${elementTypes.join(', ')}`,
  );
}
