import { expect, test, vi } from 'vitest';
import { trackerOf } from '../../functions/shared/tracker.ts';

test('nothing is recorded where the environment names no MLflow', async () => {
  expect(await trackerOf({})).toBeUndefined();
});

test('a plain address needs no secret', async () => {
  expect(await trackerOf({ MLFLOW_TRACKING_URI: 'http://127.0.0.1:1' })).toBeDefined();
});

test('a secret that cannot be read is an MLflow that is away, by the reason', async () => {
  const arn = 'arn:aws:secretsmanager:us-east-1:1:secret:none';
  // Nobody listens there: what a network without a way comes to.
  const nowhere = {
    ...{ AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_REGION: 'us-east-1' },
    ...{ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' },
  };
  for (const [name, value] of Object.entries(nowhere)) vi.stubEnv(name, value);
  const tracker = await trackerOf({ FANFARE_MLFLOW_SECRET: arn });
  vi.unstubAllEnvs();
  await expect(tracker?.experiment('x')).rejects.toMatchObject({
    name: 'TrackerUnavailable',
    message: expect.stringContaining(`the secret ${arn} cannot be read: `),
  });
});
