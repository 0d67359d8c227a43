import { Tensor } from 'onnxruntime-node';
import type { OpenGraph, TensorValues } from '../../core/onnx/open-graph.ts';
import { openSession } from './session.ts';

/** A graph in ONNX Runtime. `BadModel` if it takes it not. */
export async function openGraph(bytes: Uint8Array, threads = 1): Promise<OpenGraph> {
  const session = await openSession(bytes, threads);
  return {
    run: async (inputs, outputs) => {
      const results = await session.run((name) => tensorOf(inputs[name]!), outputs);
      return Object.fromEntries(
        Object.entries(results).map(([name, { dims, data }]) => [
          name,
          { dims, values: data as TensorValues['values'] },
        ]),
      );
    },
    release: () => session.release(),
  };
}

function tensorOf({ dims, values }: TensorValues): Tensor {
  if (values instanceof Float32Array) return new Tensor('float32', values, dims);
  if (values instanceof Float64Array) return new Tensor('float64', values, dims);
  if (values instanceof BigInt64Array) return new Tensor('int64', values, dims);
  if (values instanceof Int32Array) return new Tensor('int32', values, dims);
  return new Tensor('uint8', values, dims);
}
