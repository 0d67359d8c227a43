import { join } from 'node:path';
import { fileDigests } from '../../adapters/files/file-digests.ts';
import { fileStore } from '../../adapters/files/file-store.ts';
import { filesOpener } from '../../adapters/files/open-files.ts';
import { scratch } from '../../adapters/files/scratch.ts';
import { nodeDecompressors } from '../../adapters/node/decompressors.ts';
import { gunzip } from '../../adapters/node/gunzip.ts';
import { codeLoader } from '../../adapters/node/load-code.ts';
import { pythonCalls } from '../../adapters/node/python-calls.ts';
import { keepWarm, type Ports } from '../../core/steps/ports.ts';
import { trackerOf } from './tracker.ts';

/** The part of Lambda's context that steps see. */
export interface LambdaContext {
  readonly functionName: string;
  readonly awsRequestId?: string;
  getRemainingTimeInMillis(): number;
}

const warm = keepWarm();

/**
 * The environment says where things are: FANFARE_BUCKET on AWS, FANFARE_STORE (a folder) on this machine; MLflow by
 * FANFARE_MLFLOW_SECRET or MLFLOW_TRACKING_URI (none: nothing is recorded yet).
 */
export async function portsFor(context: LambdaContext): Promise<Ports> {
  return {
    ...(await objects()),
    loadModel: async (bytes) => {
      const runtime = await modelRuntime();
      return runtime.loadModel(bytes, { threads: threads() });
    },
    openGraph: async (bytes) => {
      const { openGraph } = await import('../../adapters/onnxruntime/open-graph.ts');
      return openGraph(bytes, threads());
    },
    tracker: await trackerOf(process.env),
    decompressors: nodeDecompressors,
    gunzip,
    now: Date.now,
    remaining: () => context.getRemainingTimeInMillis(),
    warm,
  };
}

/** ONNX Runtime, which is loaded where it is needed alone. */
export const modelRuntime = () => import('../../adapters/onnxruntime/load-model.ts');

type Objects = Pick<Ports, 'store' | 'open' | 'calls' | 'loadCode'>;

let opened: Promise<Objects> | undefined;

/** One for all invocations of this process. The AWS SDK is loaded on AWS alone: it takes longer than most steps. */
export function objects(): Promise<Objects> {
  opened ??= openObjectsOf(process.env).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function openObjectsOf(env: NodeJS.ProcessEnv): Promise<Objects> {
  const place = await placeOf(env);
  return { ...place, loadCode: codeLoader(place.store) };
}

async function placeOf(env: NodeJS.ProcessEnv): Promise<Omit<Objects, 'loadCode'>> {
  if (!env.FANFARE_BUCKET) {
    const folder = required('FANFARE_STORE');
    const open = filesOpener(fileDigests(join(folder, scratch, 'digests')));
    return { store: fileStore(folder), open, calls: pythonCalls(folder, env) };
  }
  const { openBucket } = await import('./bucket.ts');
  return openBucket(env.FANFARE_BUCKET, env);
}

/** Lambda gives one processor for each 1,769 MiB (AWS Lambda developer guide, "Configure Lambda function memory"). */
export const threadsOf = (memoryMiB: string | undefined): number =>
  Math.max(1, Math.floor(Number(memoryMiB ?? 0) / 1769));

const threads = (): number => threadsOf(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);

export function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`the environment variable ${name} is not set`);
}
