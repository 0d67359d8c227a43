import { describe, expect, test } from 'vitest';
import { readMlflowSecret } from '../../../adapters/secrets/mlflow-secret.ts';

let count = 0;
const newArn = () => `arn:aws:secretsmanager:us-east-1:1:secret:mlflow-${count++}`;
const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' };
const read = (value: unknown) =>
  readMlflowSecret(newArn(), env, async () => (typeof value === 'string' ? value : JSON.stringify(value)));

describe('the secret', () => {
  test.each([
    [{ uri: 'https://m' }, { uri: 'https://m' }],
    [{ uri: 'https://m', auth: { kind: 'none' } }, { uri: 'https://m' }],
    [
      { uri: 'https://m', auth: { kind: 'basic', username: 'u', password: 'p' } },
      { uri: 'https://m', username: 'u', password: 'p' },
    ],
    [
      { uri: 'https://m', auth: { kind: 'bearer', token: 't' } },
      { uri: 'https://m', token: 't' },
    ],
  ])('%j is %j to the client', async (secret, options) => {
    const from = expect.stringMatching(/^the secret arn:/);
    expect(await read(secret)).toEqual({ ...options, from });
  });

  test('with an empty address names no server', async () => {
    expect(await read({ uri: '' })).toBeUndefined();
  });

  test.each([
    [{ uri: 'https://m', auth: { kind: 'sigv4' } }, 'https://m', 'us-east-1/sagemaker-mlflow'],
    [
      { uri: 'https://m', auth: { kind: 'sigv4', region: 'eu-west-1', service: 'sagemaker' } },
      'https://m',
      'eu-west-1/sagemaker/',
    ],
    [
      {
        uri: 'arn:aws:sagemaker:ap-south-1:123456789012:mlflow-tracking-server/s',
        auth: { kind: 'sigv4' },
      },
      'https://ap-south-1.experiments.sagemaker.aws',
      'ap-south-1/sagemaker-mlflow',
    ],
  ])('%j has requests signed', async (secret, uri, scope) => {
    const options = await read(secret);
    expect(options?.uri).toBe(uri);
    const headers = options?.sign?.({ method: 'GET', url: `${uri}/x`, headers: {}, body: '' });
    expect(headers?.authorization).toContain(scope);
  });

  test.each([
    ['no JSON at all', 'is no JSON'],
    [{ auth: { kind: 'none' } }, 'uri is wrong'],
    [{ uri: 'https://m', auth: { kind: 'kerberos' } }, 'auth.kind is wrong'],
    [{ uri: 'https://m', auth: { kind: 'bearer', token: '' } }, 'auth.token is wrong'],
  ])('%j is refused without being quoted', async (secret, reason) => {
    const failed = read(secret);
    await expect(failed).rejects.toMatchObject({ name: 'InvalidSpec' });
    await expect(failed).rejects.toThrow(reason);
    await expect(failed).rejects.not.toThrow(/https:\/\/m|kerberos|no JSON at all/);
  });

  test('that cannot be read is an MLflow that is away', async () => {
    const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    const failed = readMlflowSecret('arn:x', env, () => Promise.reject(denied));
    await expect(failed).rejects.toMatchObject({
      name: 'TrackerUnavailable',
      message: 'the secret arn:x cannot be read: AccessDeniedException: not authorized',
    });
  });

  test('is asked for once in five minutes', async () => {
    const arn = newArn();
    let now = 0;
    let asked = 0;
    const at = (minutes: number) => {
      now = minutes * 60_000;
      const text = async () => JSON.stringify({ uri: `https://m${asked++}` });
      return readMlflowSecret(arn, env, text, () => now);
    };
    expect((await at(0))?.uri).toBe('https://m0');
    expect((await at(4.9))?.uri).toBe('https://m0');
    expect((await at(5))?.uri).toBe('https://m1');
  });
});
