import { connectMlflow } from '../../adapters/mlflow/client.ts';
import { mlflowOptions } from '../../adapters/mlflow/credentials.ts';
import { type Check, fail, messageOf, ok, warn } from './check.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const impatient = { retries: 0, timeoutMs: 5000 };

/** Whether the server of MLFLOW_TRACKING_URI answers, which version it is, and whether it knows us; nothing where none is named. */
export async function trackingChecks(env: Environment): Promise<readonly Check[]> {
  const options = mlflowOptions(env);
  if (options === undefined) return [];
  const client = connectMlflow({ ...options, ...impatient });
  const version = await client
    .bytes({ method: 'GET', path: '/version', repeatable: true })
    .then((bytes) => new TextDecoder().decode(bytes).trim())
    .catch((error: unknown) => error);
  if (typeof version !== 'string') return [answerless(client.uri, version)];
  return [versionCheck(client.uri, version), await accessCheck(client)];
}

const answerless = (uri: string, error: unknown): Check =>
  fail(
    'tracking',
    `${uri}: ${messageOf(error)}`,
    'jobs go on and records wait: start the server, or mend MLFLOW_TRACKING_URI, then fanfare sync',
  );

function versionCheck(uri: string, version: string): Check {
  if (/^[23]\.\d+/.test(version)) return ok('tracking', `${uri} answers, MLflow ${version}`);
  return warn(
    'tracking',
    `${uri} says it is ${version.slice(0, 40)}`,
    'MLflow 2.22 and 3 are known to work: is it another server?',
  );
}

async function accessCheck(client: ReturnType<typeof connectMlflow>): Promise<Check> {
  try {
    await client.json({
      ...{ method: 'POST', path: '/api/2.0/mlflow/experiments/search', repeatable: true },
      body: { kind: 'json', value: { max_results: 1 } },
    });
    return ok('tracking access', 'experiments can be read');
  } catch (error) {
    return fail(
      'tracking access',
      messageOf(error),
      'MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, say who we are',
    );
  }
}
