import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { S3 } from '@aws-sdk/client-s3';
import { SFN } from '@aws-sdk/client-sfn';
import { s3Store } from '../../adapters/s3/s3-store.ts';
import type { ObjectStore } from '../../core/store.ts';
import { type Executions, stackExecutions } from '../../library/remote/executions.ts';
import { startMlflow } from '../../local/mlflow-server.ts';
import { type MiniStack, startMiniStack } from './ministack.ts';
import { childrenOf } from './processes.ts';

const run = promisify(execFile);

/** The real stack on an emulator, and what a test needs to look at it. */
export interface Deployed {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly bucket: string;
  readonly store: ObjectStore;
  readonly executions: Executions;
  put(key: string, content: string | Uint8Array): Promise<void>;
  /** Calls `receive-upload` with such an event and answers what it answers. */
  receive(event: unknown): Promise<unknown>;
  /** Processes of a function; undefined where functions run in containers. */
  workers(functionName: string): Promise<readonly number[]> | undefined;
  /** What the emulator wrote, for a failing test. */
  log(): Promise<string>;
  close(): Promise<void>;
}

/** `MiniStack`, or the address that AWS_ENDPOINT_URL names. */
export const stackName: string = process.env.AWS_ENDPOINT_URL ?? 'MiniStack';

/** An MLflow as this process sees it, and as functions do that may run in containers. */
export interface Tracking {
  readonly uri: string;
  readonly inside: string;
  close(): Promise<void>;
}

/** One of our own over a folder, or the one that FANFARE_TEST_MLFLOW and FANFARE_TEST_MLFLOW_INSIDE name. */
export async function openTracking(folder: string): Promise<Tracking> {
  const { FANFARE_TEST_MLFLOW: uri, FANFARE_TEST_MLFLOW_INSIDE: inside } = process.env;
  if (uri) return { uri, inside: inside ?? uri, close: async () => {} };
  const server = await startMlflow({ venv: resolve('.venv'), folder });
  return { uri: server.uri, inside: inside ?? server.uri, close: () => server.close() };
}

/** `settings` are those of `infra/settings.ts`. Takes about 40 s on two cores, of MiniStack's own where no endpoint is given. */
export async function deployStack(settings: Readonly<Record<string, unknown>>): Promise<Deployed> {
  const given = process.env.AWS_ENDPOINT_URL;
  const own = given === undefined ? await startMiniStack() : undefined;
  try {
    const env = own?.env ?? givenEnvironment(given ?? '');
    await deploy(env, settings);
    return await opened(env, own);
  } catch (error) {
    await own?.close();
    throw error;
  }
}

const givenEnvironment = (endpoint: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
});

/** What `npm run deploy:local` does. */
async function deploy(
  env: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-cdk-'));
  const { AWS_PROFILE: _profile, ...inherited } = process.env;
  const context = Object.entries(settings).flatMap(([key, value]) => [
    '-c',
    `fanfare.${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
  try {
    await run(process.execPath, ['scripts/deploy.mjs', '--local', '--output', folder, ...context], {
      cwd: resolve('.'),
      env: { ...inherited, ...env },
      maxBuffer: 2 ** 26,
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`npm run deploy:local failed:\n${said.slice(-4000)}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function opened(env: Readonly<Record<string, string>>, own: MiniStack | undefined): Promise<Deployed> {
  const endpoint = env.AWS_ENDPOINT_URL ?? '';
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const client = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const formation = new CloudFormation(client);
  const s3 = new S3({ ...client, forcePathStyle: true });
  const sfn = new SFN(client);
  const outputs = await outputsOf(formation);
  const bucket = outputs('DataBucket');
  const receiver = await functionName(formation, 'ReceiveUpload');
  return {
    name: stackName,
    env,
    bucket,
    store: s3Store(s3, bucket),
    executions: stackExecutions(sfn, {
      split: outputs('SplitFlow'),
      tune: outputs('TuneFlow'),
      predict: outputs('PredictFlow'),
      pipeline: outputs('PipelineFlow'),
      map: outputs('MapFlow'),
    }),
    put: async (Key, content) => {
      await s3.putObject({ Bucket: bucket, Key, Body: content });
    },
    receive: (event) => invoke(endpoint, receiver, event),
    workers: (name) => own && workersOf(own.pid, name),
    log: async () => (own ? own.log() : ''),
    close: async () => {
      for (const each of [formation, s3, sfn]) each.destroy();
      await own?.close();
    },
  };
}

async function outputsOf(client: CloudFormation): Promise<(name: string) => string> {
  const { Stacks } = await client.describeStacks({ StackName: 'Fanfare' });
  const outputs = Stacks?.[0]?.Outputs ?? [];
  return (name) => {
    const value = outputs.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
    if (value) return value;
    throw new Error(`the stack has no output ${name}: ${JSON.stringify(outputs)}`);
  };
}

async function functionName(client: CloudFormation, part: string): Promise<string> {
  const { StackResources = [] } = await client.describeStackResources({ StackName: 'Fanfare' });
  const found = StackResources.find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === 'AWS::Lambda::Function' && LogicalResourceId?.includes(part),
  );
  if (found?.PhysicalResourceId) return found.PhysicalResourceId;
  throw new Error(`the stack has no function ${part}`);
}

/** An emulator reads the region from the signature and does not check it. */
async function invoke(endpoint: string, name: string, event: unknown): Promise<unknown> {
  const answer = await fetch(`${endpoint}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body: JSON.stringify(event),
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
  return answer.json();
}

/** MiniStack names a function's process by a folder with the function's name in it: `…-FunctionsTrainFunction01AB…`. */
async function workersOf(pid: number, name: string): Promise<readonly number[]> {
  const id = name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
  const children = await childrenOf(pid);
  return children
    .filter(({ command }) => command.includes(`Functions${id}Function`))
    .map((child) => child.pid);
}
