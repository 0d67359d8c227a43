import type { Tensor } from 'onnxruntime-node';
import { FanfareError } from '../../core/errors.ts';
import { bindInputs, type Feed } from '../../core/onnx/bind.ts';
import { requireRunnable } from '../../core/onnx/check.ts';
import { cutTrees } from '../../core/onnx/cut.ts';
import { unfitRows } from '../../core/onnx/fit.ts';
import type { ElementType, Model, ModelOutput, ModelPort, ModelValues } from '../../core/onnx/model.ts';
import { parseModel } from '../../core/onnx/model-proto.ts';
import { inputsOf, outputsOf } from '../../core/onnx/ports.ts';
import { withoutZipMaps } from '../../core/onnx/zip-maps.ts';
import type { Frame } from '../../core/tables/batch.ts';
import { type Buffers, emptyValues, feeding, sliceRows } from './feed.ts';
import { openSession, type Session } from './session.ts';
import { openTreeModel, type TreeModel } from './tree-model.ts';

export interface LoadOptions {
  readonly threads?: number;
  /** A line for whoever watches: trees that ONNX Runtime has to run itself. */
  readonly warn?: (line: string) => void;
}

/**
 * An ONNX model in ONNX Runtime, on one thread or as many as `threads` says; its trees in WebAssembly, where they give
 * what ONNX Runtime gives. `BadModel` if the bytes are no model, or one that cannot be run.
 */
export async function loadModel(bytes: Uint8Array, options: LoadOptions = {}): Promise<Model> {
  const { threads = 1, warn = console.warn } = options;
  const whole = parseModel(bytes);
  requireRunnable(whole);
  const { model: proto, bytes: rewritten = bytes } = withoutZipMaps(whole);
  const cut = cutTrees(proto);
  const trees = cut && (await openTreeModel(cut, threads, warn));
  const loaded: Loaded = {
    runner: trees ?? (await openSession(rewritten, threads)),
    trees,
    inputs: inputsOf(proto),
    outputs: outputsOf(proto, whole.nodes),
    buffers: new Map(),
  };
  return {
    inputs: loaded.inputs,
    outputs: loaded.outputs,
    run: async (batch, wanted, feeds) =>
      runSlices(loaded, batch, wanted, feeds ?? checked(loaded.inputs, batch)),
    release: () => loaded.runner.release(),
  };
}

interface Loaded {
  readonly runner: Pick<Session, 'run' | 'release'>;
  readonly trees: TreeModel | undefined;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelOutput[];
  readonly buffers: Buffers;
}

function checked(inputs: readonly ModelPort[], batch: Frame): readonly Feed[] {
  const feeds = bindInputs(inputs, batch.fields);
  const [first] = unfitRows(feeds, batch);
  if (first === undefined) return feeds;
  const { row, column, reason } = first;
  throw new FanfareError('BadTable', `row ${row} of the batch, column "${column}": ${reason}`);
}

async function runSlices(
  model: Loaded,
  batch: Frame,
  wanted: readonly string[],
  feeds: readonly Feed[],
): Promise<Record<string, ModelValues>> {
  const ports = wanted.map((name) => outputPort(model, name));
  const feedOf = feeding(feeds, model.trees?.encoders ?? [], batch, model.buffers);
  const parts = new Map<string, Tensor[]>(wanted.map((name) => [name, []]));
  for (let start = 0; start < batch.rows; start += sliceRows) {
    const end = Math.min(batch.rows, start + sliceRows);
    const results = await model.runner.run(feedOf(start, end), wanted);
    for (const name of wanted) parts.get(name)?.push(tensorOf(results, name, end - start));
  }
  return Object.fromEntries(ports.map((port) => [port.name, joined(port.type, parts.get(port.name) ?? [])]));
}

function outputPort({ outputs }: Loaded, name: string): ModelOutput {
  const port = outputs.find((each) => each.name === name);
  if (port) return port;
  const names = outputs.map((each) => each.name).join(', ');
  throw new FanfareError('MissingInput', `the model has no output "${name}"; it has ${names}`);
}

function tensorOf(results: Readonly<Record<string, Tensor>>, name: string, rows: number): Tensor {
  const value = results[name];
  if (value === undefined) throw new FanfareError('BadModel', `the model gave no output "${name}"`);
  if (value.dims.length > 0 && value.dims[0] === rows) return value;
  throw new FanfareError(
    'BadModel',
    `the model gave [${value.dims.join(', ')}] for ${rows} rows as "${name}": an output has a value or several a row`,
  );
}

function joined(type: ElementType, parts: readonly Tensor[]): ModelValues {
  if (type === 'string') return parts.flatMap((part) => part.data as string[]);
  const [only] = parts;
  if (only && parts.length === 1) return only.data as Exclude<ModelValues, string[]>;
  const whole = emptyValues[type](parts.reduce((sum, part) => sum + part.size, 0));
  parts.reduce((at, part) => {
    (whole as Float32Array).set(part.data as Float32Array, at);
    return at + part.size;
  }, 0);
  return whole;
}
