import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lambdaCalls } from '../../../adapters/lambda/lambda-calls.ts';

const arn = 'arn:aws:lambda:eu-central-1:111122223333:function:forest';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

let server: Server;
let answers: Answer[];
let asked: { readonly url: string; readonly body: string }[];

beforeEach(async () => {
  [answers, asked] = [[], []];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push({ url: decodeURIComponent(request.url ?? ''), body });
      const { status, headers = {}, body: said } = answers.shift()!;
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(said);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'test');
  vi.stubEnv('AWS_REGION', 'eu-central-1');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const call = (request: object = { ask: 'describe' }) => lambdaCalls('data').call(arn, request);

test('a function is asked by its ARN, and finds objects in the bucket', async () => {
  answers = [{ status: 200, body: '{"version":1,"resource":"trees"}' }];
  expect(await call()).toEqual({ version: 1, resource: 'trees' });
  expect(asked).toEqual([{ url: `/2015-03-31/functions/${arn}/invocations`, body: '{"ask":"describe"}' }]);
  expect(lambdaCalls('data').uri('calls/a/1.onnx')).toBe('s3://data/calls/a/1.onnx');
});

test('a throttle is waited for', async () => {
  const throttled = { status: 429, headers: { 'x-amzn-errortype': 'TooManyRequestsException' }, body: '{}' };
  answers = [throttled, { status: 200, body: '{"value":1}' }];
  expect(await call()).toEqual({ value: 1 });
});

test('what the function throws costs the trial, with the line of its own Python', async () => {
  const body = JSON.stringify({
    errorType: 'ValueError',
    errorMessage: 'too few rows',
    stackTrace: [
      '  File "/var/task/fanfare_trainable.py", line 134, in handler\n',
      '  File "/var/task/random_forest.py", line 22, in handler\n    fit()\n',
      '  File "/var/lang/lib/python3.12/site-packages/sklearn/base.py", line 9, in fit\n',
    ],
  });
  answers = [{ status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body }];
  await expect(call()).rejects.toMatchObject({
    name: 'TrainableFailed',
    message: `${arn}: ValueError: too few rows (random_forest.py:22)`,
  });
});

test('a function that ran out of time says so', async () => {
  const body =
    '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 7 Error: Task timed out after 900.00 seconds"}';
  answers = [{ status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body }];
  await expect(call()).rejects.toThrow('Task timed out after 900.00 seconds');
});

test.each([
  [404, 'ResourceNotFoundException', 'there is no such function'],
  [403, 'AccessDeniedException', 'name it in the setting "trainables" of cdk.json and deploy again'],
])('%i %s is a mistake of the specification', async (status, type, told) => {
  answers = [{ status, headers: { 'x-amzn-errortype': type }, body: '{"Message":"no"}' }];
  await expect(call()).rejects.toMatchObject({ name: 'InvalidSpec', message: expect.stringContaining(told) });
});
