import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { connectMlflow } from '../../../adapters/mlflow/client.ts';
import { environmentCredentials, sagemakerServer, signFor } from '../../../adapters/mlflow/sagemaker.ts';
import { signV4, type Unsigned } from '../../../adapters/mlflow/sigv4.ts';

/** The credentials and the time of AWS's published test suite, aws-sig-v4-test-suite. */
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const now = Date.UTC(2015, 7, 30, 12, 36, 0);
const suite = { credentials, region: 'us-east-1', service: 'service', now };
const get = (url: string): Unsigned => ({ method: 'GET', url, headers: {}, body: '' });

test.each<[string, Unsigned, string]>([
  [
    'get-vanilla',
    get('https://example.amazonaws.com/'),
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'get-vanilla-query-order-key-case',
    get('https://example.amazonaws.com/?Param2=value2&Param1=value1'),
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'post-vanilla',
    { ...get('https://example.amazonaws.com/'), method: 'POST' },
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-x-www-form-urlencoded',
    {
      method: 'POST',
      url: 'https://example.amazonaws.com/',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'Param1=value1',
    },
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
])('signs %s as the suite of AWS does', (_, request, signature) => {
  expect(signV4(request, suite).authorization?.split('Signature=')[1]).toBe(signature);
});

test('signs the example of the AWS general reference', () => {
  const request: Unsigned = {
    ...get('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
  };
  expect(signV4(request, { ...suite, service: 'iam' }).authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

test('a session token is sent and signed', () => {
  const signed = signV4(get('https://a/'), { ...suite, credentials: { ...credentials, sessionToken: 'T' } });
  expect(signed['x-amz-security-token']).toBe('T');
  expect(signed.authorization).toContain('x-amz-security-token');
});

test.each([
  [
    'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/mine',
    'https://eu-west-1.experiments.sagemaker.aws',
    'sagemaker-mlflow',
    'x-mlflow-sm-tracking-server-arn',
  ],
  [
    'arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/app-1',
    'https://mlflow.sagemaker.us-east-1.app.aws',
    'sagemaker',
    'x-sm-mlflow-app-arn',
  ],
])('%s answers at %s', (arn, uri, service, header) => {
  expect(sagemakerServer(arn)).toMatchObject({ uri, service, headers: { [header]: arn } });
});

test('an ARN of something else is refused', () => {
  expect(() => sagemakerServer('arn:aws:s3:::bucket')).toThrow(/is no MLflow of SageMaker/);
});

test('credentials that are not there are missed by name', () => {
  expect(() => environmentCredentials({})).toThrow('AWS_ACCESS_KEY_ID');
});

test('the client sends what was signed, body and query included, and no other credentials', async () => {
  const seen: { headers: IncomingHttpHeaders; url: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ headers: request.headers, url: request.url ?? '', body });
    response.end('{}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = {
    region: 'us-east-1',
    service: 'sagemaker-mlflow',
    headers: { 'x-server': 'arn' },
  } as const;
  const client = connectMlflow({
    uri,
    token: 'other',
    sign: signFor(
      target,
      () => credentials,
      () => now,
    ),
  });
  await client.json({
    ...{ method: 'POST', path: '/api/x', query: { filter: "name = 'a b'" }, repeatable: false },
    body: { kind: 'json', value: { a: 1 } },
  });
  server.close();
  const [{ headers, url, body } = { headers: {}, url: '', body: '' }] = seen;
  expect(url).toBe('/api/x?filter=name%20%3D%20%27a%20b%27');
  expect(headers['x-server']).toBe('arn');
  const resigned = signV4(
    {
      ...{ method: 'POST', url: `${uri}${url}`, body },
      headers: {
        'content-type': 'application/json',
        'x-server': 'arn',
        'x-amz-content-sha256': String(headers['x-amz-content-sha256']),
      },
    },
    { credentials, region: 'us-east-1', service: 'sagemaker-mlflow', now },
  );
  expect(headers.authorization).toBe(resigned.authorization);
});
