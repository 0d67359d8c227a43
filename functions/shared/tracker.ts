import { connectMlflow, type MlflowOptions } from '../../adapters/mlflow/client.ts';
import { mlflowOptions } from '../../adapters/mlflow/credentials.ts';
import { mlflowTracker } from '../../adapters/mlflow/tracker.ts';
import { FanfareError } from '../../core/errors.ts';
import type { Tracker } from '../../core/tracking/tracker.ts';

/**
 * MLflow as the environment names it: by a secret, or plainly; undefined where it does not. A secret that cannot be read or
 * used is an MLflow that does not answer: what should be recorded stays pending.
 */
export async function trackerOf(env: NodeJS.ProcessEnv): Promise<Tracker | undefined> {
  const arn = env.FANFARE_MLFLOW_SECRET;
  try {
    const options = arn ? await secretOptions(arn, env) : mlflowOptions(env);
    return options && mlflowTracker(connectMlflow(options));
  } catch (error) {
    if (!arn || !(error instanceof FanfareError)) throw error;
    return unusable(arn, error);
  }
}

async function secretOptions(arn: string, env: NodeJS.ProcessEnv): Promise<MlflowOptions | undefined> {
  const { readMlflowSecret } = await import('../../adapters/secrets/mlflow-secret.ts');
  return readMlflowSecret(arn, env);
}

function unusable(arn: string, error: FanfareError): Tracker {
  const fail = () => Promise.reject(new FanfareError('TrackerUnavailable', error.message, { cause: error }));
  return mlflowTracker({ uri: `the secret ${arn}`, json: fail, bytes: fail });
}
