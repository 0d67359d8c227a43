import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { FanfareError } from '../../core/errors.ts';
import type { MlflowOptions } from '../mlflow/client.ts';
import { environmentCredentials, sagemakerServer, signFor } from '../mlflow/sagemaker.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the secret holds: where MLflow is, and who we are to it. */
const MlflowSecret = z.object({
  /** `http(s)://…`, or the ARN of SageMaker's MLflow; empty: there is none yet. */
  uri: z.string(),
  auth: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({ kind: z.literal('basic'), username: z.string().min(1), password: z.string() }),
      z.strictObject({ kind: z.literal('bearer'), token: z.string().min(1) }),
      z.strictObject({
        kind: z.literal('sigv4'),
        /** The ARN's, or else the function's own. */
        region: z.string().optional(),
        service: z.enum(['sagemaker-mlflow', 'sagemaker']).optional(),
      }),
    ])
    .default({ kind: 'none' }),
});
type MlflowSecret = z.infer<typeof MlflowSecret>;

/** A changed secret is seen after so many ms. */
const cacheMs = 5 * 60_000;

const cache = new Map<string, { readonly until: number; readonly text: string }>();

/** How to reach MLflow by the secret of that ARN; undefined where it names none. `TrackerUnavailable` if it cannot be read, `InvalidSpec` if it says something else. */
export async function readMlflowSecret(
  arn: string,
  env: Environment,
  read: (arn: string) => Promise<string> = fromSecretsManager,
  now: () => number = Date.now,
): Promise<MlflowOptions | undefined> {
  const held = cache.get(arn);
  if (held !== undefined && now() < held.until) return optionsOf(arn, parse(arn, held.text), env, now);
  const text = await read(arn).catch((cause: unknown) => {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new FanfareError('TrackerUnavailable', `the secret ${arn} cannot be read: ${reason}`, { cause });
  });
  cache.set(arn, { until: now() + cacheMs, text });
  return optionsOf(arn, parse(arn, text), env, now);
}

let client: SecretsManager | undefined;

async function fromSecretsManager(arn: string): Promise<string> {
  client ??= new SecretsManager({ maxAttempts: 5 });
  const { SecretString } = await client.getSecretValue({ SecretId: arn });
  return SecretString ?? '';
}

/** No message quotes the text: it is a secret. */
function parse(arn: string, text: string): MlflowSecret {
  const allowed = '{ "uri": …, "auth": { "kind": "none" | "basic" | "bearer" | "sigv4", … } }';
  const json = jsonOf(text);
  const parsed = MlflowSecret.safeParse(json);
  if (parsed.success) return parsed.data;
  const wrong =
    json === undefined
      ? 'is no JSON'
      : parsed.error.issues
          .map(({ path, code }) => `${path.join('.') || 'the whole of it'} is wrong (${code})`)
          .join('; ');
  throw new FanfareError('InvalidSpec', `the secret ${arn}: ${wrong}; allowed: ${allowed}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function optionsOf(
  arn: string,
  { uri, auth }: MlflowSecret,
  env: Environment,
  now: () => number,
): MlflowOptions | undefined {
  if (uri === '') return undefined;
  const from = `the secret ${arn}`;
  switch (auth.kind) {
    case 'none':
      return { uri, from };
    case 'basic':
      return { uri, from, username: auth.username, password: auth.password };
    case 'bearer':
      return { uri, from, token: auth.token };
    case 'sigv4': {
      const named = uri.startsWith('arn:') ? sagemakerServer(uri) : undefined;
      const region = auth.region ?? named?.region ?? env.AWS_REGION;
      if (region === undefined) {
        throw new FanfareError(
          'InvalidSpec',
          'the MLflow secret: auth.region is left out, and AWS_REGION is not set',
        );
      }
      const service = auth.service ?? named?.service ?? 'sagemaker-mlflow';
      const server = { region, service, headers: named?.headers ?? {} };
      return { uri: named?.uri ?? uri, sign: signFor(server, () => environmentCredentials(env), now) };
    }
  }
}
