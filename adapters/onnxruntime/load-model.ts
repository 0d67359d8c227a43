import type { Tensor } from 'onnxruntime-node';
import { FanfareError } from '../../core/errors.ts';
import { cutTrees } from '../../core/onnx/cut.ts';
import {
  type ElementType,
  fitCheck,
  type Model,
  type ModelPort,
  type ModelValues,
  modelColumn,
} from '../../core/onnx/model.ts';
import { parseModel } from '../../core/onnx/model-proto.ts';
import { inputsOf, outputsOf, type ShapedPort } from '../../core/onnx/ports.ts';
import type { Frame } from '../../core/tables/batch.ts';
import { openSession, type Session } from './session.ts';
import { type EncodedColumn, encodeColumn, encodedTensor, matrixTensor, vectorTensor } from './tensors.ts';
import { openTreeModel, type TreeModel } from './tree-model.ts';

/** Rows a run of the session: what keeps the intermediate values in the cache. */
const sliceRows = 8192;

export interface LoadOptions {
  /** The columns of the one float matrix that the model takes. */
  readonly matrix?: readonly string[];
  readonly threads?: number;
  /** A line for whoever watches: trees that ONNX Runtime has to run itself. */
  readonly warn?: (line: string) => void;
}

/**
 * An ONNX model in ONNX Runtime, on one thread or as many as `threads` says; its trees in WebAssembly, where they give
 * what ONNX Runtime gives. Its inputs are vectors of one value a row; or it has one float matrix [rows, columns], and
 * `matrix` names the columns. `BadTable` if the bytes are no model, or one of another shape.
 */
export async function loadModel(bytes: Uint8Array, options: LoadOptions = {}): Promise<Model> {
  const { threads = 1, matrix, warn = console.warn } = options;
  const proto = parseModel(bytes);
  const shaped = inputsOf(proto);
  const inputs = matrix ? matrixPorts(shaped, matrix) : vectorPorts(shaped);
  const outputs = outputsOf(proto).map(({ name, type }) => ({ name, type }));
  const cut = cutTrees(proto);
  const trees = cut && (await openTreeModel(cut, threads, warn));
  const runner = trees ?? (await openSession(bytes, threads));
  const loaded: Loaded = { runner, trees, inputs, outputs, matrix: matrix ? shaped[0]!.name : undefined };
  return {
    inputs,
    outputs,
    run: (batch, wanted) => runSlices(loaded, batch, wanted),
    release: () => runner.release(),
  };
}

function vectorPorts(inputs: readonly ShapedPort[]): readonly ModelPort[] {
  return inputs.map(({ name, type, shape }) => {
    if (shape === undefined || shape.length === 1) return { name, type };
    if (shape.length > 2) return { name, type, shape: shape.slice(1) };
    throw new FanfareError(
      'BadTable',
      `the model's input "${name}" has the shape [${shape.join(', ')}]; a vector is expected` +
        ' (for one matrix, name its columns)',
    );
  });
}

function matrixPorts(inputs: readonly ShapedPort[], columns: readonly string[]): readonly ModelPort[] {
  const [input, ...others] = inputs;
  const width = input?.shape?.[1];
  const fits =
    input?.shape?.length === 2 && (typeof width !== 'number' || width < 1 || width === columns.length);
  if (fits && input.type === 'float32' && others.length === 0) {
    return columns.map((name) => ({ name, type: 'float32' }));
  }
  const given = inputs.map(({ name, shape = [] }) => `${name} [${shape.join(', ')}]`).join(', ');
  throw new FanfareError(
    'BadTable',
    `the model's inputs are ${given}; one float32 matrix of ${columns.length} columns is expected`,
  );
}

interface Loaded {
  readonly runner: Pick<Session, 'run'>;
  readonly trees: TreeModel | undefined;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  /** The name of the one input that takes all columns. */
  readonly matrix: string | undefined;
}

async function runSlices(
  model: Loaded,
  batch: Frame,
  wanted: readonly string[],
): Promise<Record<string, ModelValues>> {
  const ports = wanted.map((name) => outputPort(model, name));
  refuseUnfit(model.inputs, batch);
  const feedOf = feeding(model, batch);
  const parts = new Map<string, Tensor[]>(wanted.map((name) => [name, []]));
  for (let start = 0; start < batch.rows; start += sliceRows) {
    const end = Math.min(batch.rows, start + sliceRows);
    const results = await model.runner.run(feedOf(start, end), wanted);
    for (const name of wanted) parts.get(name)?.push(tensorOf(results, name));
  }
  return Object.fromEntries(ports.map((port) => [port.name, joined(port.type, parts.get(port.name) ?? [])]));
}

function outputPort({ outputs }: Loaded, name: string): ModelPort {
  const port = outputs.find((each) => each.name === name);
  if (port) return port;
  const names = outputs.map((each) => each.name).join(', ');
  throw new FanfareError('MissingInput', `the model has no output "${name}"; it has ${names}`);
}

function refuseUnfit(inputs: readonly ModelPort[], batch: Frame): void {
  for (const input of inputs) {
    const reasonOf = fitCheck(modelColumn(batch, input), input.type);
    for (let row = 0; reasonOf && row < batch.rows; row++) {
      const reason = reasonOf(row);
      if (reason)
        throw new FanfareError('BadTable', `row ${row} of the batch, column "${input.name}": ${reason}`);
    }
  }
}

/** The tensors of rows `start` to `end`, by input; a tensor is made when it is asked for. */
function feeding(
  { inputs, matrix, trees }: Loaded,
  batch: Frame,
): (start: number, end: number) => (name: string) => Tensor {
  const columns = inputs.map((input) => modelColumn(batch, input));
  if (matrix !== undefined) return (start, end) => () => matrixTensor(columns, start, end);
  const places = new Map(inputs.map(({ name }, at) => [name, at]));
  const encoded = new Map<string, EncodedColumn>(
    trees?.encoders.map((encoder) => [
      encoder.output,
      encodeColumn(columns[places.get(encoder.input)!]!, encoder),
    ]),
  );
  return (start, end) => (name) => {
    const words = encoded.get(name);
    if (words) return encodedTensor(words, start, end);
    const at = places.get(name)!;
    return vectorTensor(columns[at]!, inputs[at]!.type, start, end);
  };
}

function tensorOf(results: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const value = results[name];
  if (value) return value;
  throw new FanfareError('MissingInput', `the model gave no output "${name}"`);
}

function joined(type: ElementType, parts: readonly Tensor[]): ModelValues {
  if (type === 'string') return parts.flatMap((part) => part.data as string[]);
  const whole = emptyValues[type](parts.reduce((sum, part) => sum + part.size, 0));
  parts.reduce((at, part) => {
    (whole as Float32Array).set(part.data as Float32Array, at);
    return at + part.size;
  }, 0);
  return whole;
}

const emptyValues: Readonly<
  Record<Exclude<ElementType, 'string'>, (length: number) => Exclude<ModelValues, string[]>>
> = {
  float32: (length) => new Float32Array(length),
  float64: (length) => new Float64Array(length),
  int64: (length) => new BigInt64Array(length),
  int32: (length) => new Int32Array(length),
  bool: (length) => new Uint8Array(length),
};
