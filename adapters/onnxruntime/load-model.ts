import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { FanfareError } from '../../core/errors.ts';
import {
  type ElementType,
  elementTypes,
  fitCheck,
  type Model,
  type ModelPort,
  type ModelValues,
  modelColumn,
} from '../../core/onnx/model.ts';
import type { Batch } from '../../core/tables/batch.ts';
import { matrixTensor, vectorTensor } from './tensors.ts';

/** Rows a run of the session: what keeps the intermediate values in the cache. */
const sliceRows = 8192;

/**
 * An ONNX model in ONNX Runtime, on one thread or as many as `threads` says. Its inputs are vectors of one value a row; or it has one float matrix
 * [rows, columns], and `matrix` names the columns. `BadTable` if the bytes are no model, or one of another shape.
 */
export async function loadModel(
  bytes: Uint8Array,
  options: { readonly matrix?: readonly string[]; readonly threads?: number } = {},
): Promise<Model> {
  const session = await openSession(bytes, options.threads ?? 1);
  const inputs = options.matrix ? matrixPorts(session, options.matrix) : vectorPorts(session);
  const outputs = session.outputMetadata.map(portOf);
  return {
    inputs,
    outputs,
    run: (batch, wanted) =>
      runSlices({ session, inputs, outputs, matrix: options.matrix !== undefined }, batch, wanted),
    release: () => session.release(),
  };
}

async function openSession(bytes: Uint8Array, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FanfareError(
      'BadTable',
      `ONNX Runtime cannot load the model of ${bytes.length} bytes: ${reason}`,
      { cause },
    );
  }
}

type Metadata = InferenceSession['inputMetadata'][number];

function portOf(metadata: Metadata): ModelPort {
  const type = elementTypes.find((each) => metadata.isTensor && each === metadata.type);
  if (type) return { name: metadata.name, type };
  const given = metadata.isTensor ? metadata.type : 'no tensor';
  throw new FanfareError(
    'BadTable',
    `the model's "${metadata.name}" is ${given}; allowed: ${elementTypes.join(', ')}`,
  );
}

const shapeOf = (metadata: Metadata): readonly (number | string)[] =>
  metadata.isTensor ? metadata.shape : [];

function vectorPorts(session: InferenceSession): ModelPort[] {
  return session.inputMetadata.map((metadata) => {
    if (shapeOf(metadata).length === 1) return portOf(metadata);
    throw new FanfareError(
      'BadTable',
      `the model's input "${metadata.name}" has the shape [${shapeOf(metadata).join(', ')}]; a vector is expected` +
        ' (for one matrix, name its columns)',
    );
  });
}

function matrixPorts(session: InferenceSession, columns: readonly string[]): ModelPort[] {
  const [input, ...others] = session.inputMetadata;
  const shape = input ? shapeOf(input) : [];
  const width = shape[1];
  const fits = shape.length === 2 && (typeof width !== 'number' || width < 0 || width === columns.length);
  if (input?.isTensor && input.type === 'float32' && others.length === 0 && fits) {
    return columns.map((name) => ({ name, type: 'float32' }));
  }
  const given = session.inputMetadata.map((each) => `${each.name} [${shapeOf(each).join(', ')}]`).join(', ');
  throw new FanfareError(
    'BadTable',
    `the model's inputs are ${given}; one float32 matrix of ${columns.length} columns is expected`,
  );
}

interface Loaded {
  readonly session: InferenceSession;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  readonly matrix: boolean;
}

async function runSlices(
  model: Loaded,
  batch: Batch,
  wanted: readonly string[],
): Promise<Record<string, ModelValues>> {
  const ports = wanted.map((name) => outputPort(model, name));
  refuseUnfit(model.inputs, batch);
  const parts = new Map<string, Tensor[]>(wanted.map((name) => [name, []]));
  for (let start = 0; start < batch.rows; start += sliceRows) {
    const end = Math.min(batch.rows, start + sliceRows);
    const results = await model.session.run(feedsOf(model, batch, start, end), [...wanted]);
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

function refuseUnfit(inputs: readonly ModelPort[], batch: Batch): void {
  for (const input of inputs) {
    const reasonOf = fitCheck(modelColumn(batch, input), input.type);
    for (let row = 0; reasonOf && row < batch.rows; row++) {
      const reason = reasonOf(row);
      if (reason)
        throw new FanfareError('BadTable', `row ${row} of the batch, column "${input.name}": ${reason}`);
    }
  }
}

function feedsOf(
  { session, inputs, matrix }: Loaded,
  batch: Batch,
  start: number,
  end: number,
): Record<string, Tensor> {
  const columns = inputs.map((input) => modelColumn(batch, input));
  const first = session.inputNames[0];
  if (matrix && first !== undefined) return { [first]: matrixTensor(columns, start, end) };
  return Object.fromEntries(
    inputs.map(({ name, type }, k) => [name, vectorTensor(columns[k]!, type, start, end)]),
  );
}

function tensorOf(results: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const value = results[name];
  if (value) return value as Tensor;
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
