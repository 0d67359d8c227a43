import { fileStore } from '../../adapters/files/file-store.ts';
import { openFiles } from '../../adapters/files/open-files.ts';
import { connectMlflow, mlflowOptions } from '../../adapters/mlflow/client.ts';
import { mlflowTracker } from '../../adapters/mlflow/tracker.ts';
import { nodeDecompressors } from '../../adapters/node/decompressors.ts';
import { loadModel } from '../../adapters/onnxruntime/load-model.ts';
import { keepWarm, type Ports } from '../../core/steps/ports.ts';

/** The part of Lambda's context that steps see. */
export interface LambdaContext {
  readonly functionName: string;
  getRemainingTimeInMillis(): number;
}

const warm = keepWarm();

/** The environment says where things are: FANFARE_STORE (a folder), MLFLOW_TRACKING_URI (none: nothing is recorded yet). */
export function portsFor(context: LambdaContext): Ports {
  const mlflow = mlflowOptions(process.env);
  return {
    store: fileStore(required('FANFARE_STORE')),
    open: openFiles,
    loadModel,
    tracker: mlflow && mlflowTracker(connectMlflow(mlflow)),
    decompressors: nodeDecompressors,
    now: Date.now,
    remaining: () => context.getRemainingTimeInMillis(),
    warm,
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`the environment variable ${name} is not set`);
}
