import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { connectMlflow, type MlflowOptions } from '../../../adapters/mlflow/client.ts';
import { mlflowOptions } from '../../../adapters/mlflow/credentials.ts';
import { mlflowTracker } from '../../../adapters/mlflow/tracker.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;
let requests: IncomingMessage[] = [];

/** Answers the n-th request by the n-th answer, and all further ones by the last. */
async function serve(...answers: Answer[]): Promise<string> {
  requests = [];
  const started = createServer((request, response) => {
    requests.push(request);
    answers[Math.min(requests.length, answers.length) - 1]?.(request, response);
  });
  server = started;
  await new Promise<void>((listening) => started.listen(0, '127.0.0.1', listening));
  const address = started.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const says =
  (status: number, text: string): Answer =>
  (_, response) =>
    void response.writeHead(status).end(text);
const json = (status: number, value: unknown) => says(status, JSON.stringify(value));
const hangUp: Answer = (request) => request.socket.destroy();
const silent: Answer = () => undefined;

const run = { run: { info: { run_id: 'r1', status: 'RUNNING' } } };
const newRun = { experimentId: '1', name: 'n', startedAt: 1, tags: {} };
const once = { retries: 0, timeoutMs: 300 };

describe('the MLflow client', () => {
  it.each<[string, Answer, string]>([
    ['answers 500', says(500, '<html>Internal error</html>'), 'it answered 500: <html>Internal error</html>'],
    [
      'answers 503 in JSON',
      json(503, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'x' }),
      'it answered 503',
    ],
    ['hangs up', hangUp, 'fetch failed (UND_ERR_SOCKET)'],
    ['says nothing', silent, 'no answer in time'],
    [
      'answers with a page',
      says(200, '<html>Welcome</html>'),
      'something other than JSON: <html>Welcome</html>',
    ],
    [
      'answers with a plain refusal',
      says(403, 'Invalid Host header'),
      'it answered 403: Invalid Host header',
    ],
    ['answers with a page of another server', says(502, '<html>Bad gateway</html>'), 'it answered 502'],
    ['answers JSON of another kind', json(200, { experiment: { id: 7 } }), 'experiment.experiment_id'],
  ])('is TrackerUnavailable, with address and call, when the server %s', async (_, answer, reason) => {
    const uri = await serve(answer);
    const failed = mlflowTracker(connectMlflow({ uri, ...once })).experiment('x');
    await expect(failed).rejects.toMatchObject({
      name: 'TrackerUnavailable',
      message: expect.stringContaining(reason),
    });
    await expect(failed).rejects.toThrow(new RegExp(`^MLflow at ${uri} .*experiments/get-by-name`));
  });

  it('is TrackerUnavailable when nobody listens', async () => {
    const uri = await serve(silent);
    await new Promise((closed) => server?.close(closed));
    const failed = connectMlflow({ uri, ...once }).json({ method: 'GET', path: '/x', repeatable: true });
    await expect(failed).rejects.toMatchObject({
      name: 'TrackerUnavailable',
      message: `MLflow at ${uri} failed GET /x: fetch failed (ECONNREFUSED)`,
    });
  });

  it('repeats a call that changes nothing until it is answered', async () => {
    const uri = await serve(says(503, 'busy'), hangUp, json(200, { runs: [] }));
    const tracker = mlflowTracker(connectMlflow({ uri }));
    expect(await tracker.searchRuns('1', { a: 'b' })).toEqual([]);
    expect(requests).toHaveLength(3);
  });

  it('never repeats a create, whatever its end', async () => {
    for (const answer of [says(500, 'x'), hangUp]) {
      const uri = await serve(answer);
      const tracker = mlflowTracker(connectMlflow({ uri }));
      await expect(tracker.createRun(newRun)).rejects.toMatchObject({ name: 'TrackerUnavailable' });
      await expect(tracker.logOutputs('r', ['m'])).rejects.toMatchObject({ name: 'TrackerUnavailable' });
      expect(requests).toHaveLength(2);
      server?.close();
    }
  });

  it('waits as long as Retry-After asks before it says anything again, a create after 429 too', async () => {
    const busy: Answer = (_, response) =>
      void response.writeHead(429, { 'retry-after': '1' }).end('slow down');
    const uri = await serve(busy, json(200, run));
    const began = performance.now();
    expect((await mlflowTracker(connectMlflow({ uri })).createRun(newRun)).id).toBe('r1');
    expect(performance.now() - began).toBeGreaterThan(1000);
    expect(requests).toHaveLength(2);
  });

  it('gives up on a server that is always busy, and waits for nothing after its last word', async () => {
    const busy: Answer = (_, response) => void response.writeHead(503, { 'retry-after': '20' }).end('busy');
    const uri = await serve(busy);
    const began = performance.now();
    const failed = mlflowTracker(connectMlflow({ uri, retries: 0 })).searchRuns('1', {});
    await expect(failed).rejects.toMatchObject({ name: 'TrackerUnavailable' });
    const created = mlflowTracker(connectMlflow({ uri })).createRun(newRun);
    await expect(created).rejects.toMatchObject({ name: 'TrackerUnavailable' });
    expect(performance.now() - began).toBeLessThan(5000);
    expect(requests).toHaveLength(2);
  });

  it('asks again where a body was cut', async () => {
    const cut: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"runs":');
      response.socket?.destroySoon();
    };
    const uri = await serve(cut, json(200, { runs: [] }));
    expect(await mlflowTracker(connectMlflow({ uri })).searchRuns('1', {})).toEqual([]);
    expect(requests).toHaveLength(2);
  });

  it('gives a refusal with MLflow’s own code, at once', async () => {
    const uri = await serve(json(400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'no such word' }));
    const refused = mlflowTracker(connectMlflow({ uri })).searchRuns('1', {});
    await expect(refused).rejects.toMatchObject({
      name: 'MlflowError',
      status: 400,
      code: 'INVALID_PARAMETER_VALUE',
      message: `MLflow at ${uri} refused POST /api/2.0/mlflow/runs/search (400 INVALID_PARAMETER_VALUE): no such word`,
    });
    expect(requests).toHaveLength(1);
  });

  it('follows the pages of a search to the end', async () => {
    const page = (id: string, next?: string) =>
      json(200, { runs: [{ info: { ...run.run.info, run_id: id } }], next_page_token: next });
    const uri = await serve(page('a', 't'), page('b'));
    const found = await mlflowTracker(connectMlflow({ uri })).searchRuns('1', { k: 'v' });
    expect(found.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('sends a token, or a name and password', async () => {
    const uri = await serve(json(200, {}));
    const call = { method: 'GET', path: '/x', repeatable: true } as const;
    await connectMlflow({ uri, token: 'secret' }).json(call);
    await connectMlflow({ uri, username: 'ann', password: 'pw' }).json(call);
    await connectMlflow({ uri }).json(call);
    const sent = requests.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(['Bearer secret', 'Basic YW5uOnB3', undefined]);
  });

  it.each<[string, Partial<MlflowOptions>, number, string, string]>([
    [
      'nothing was set',
      {},
      401,
      'You are not authenticated',
      'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN',
    ],
    [
      'the password is missing',
      { username: 'ann' },
      401,
      'x',
      'MLFLOW_TRACKING_USERNAME is set and MLFLOW_TRACKING_PASSWORD is not',
    ],
    [
      'the name is missing',
      { password: 'pw' },
      401,
      'x',
      'MLFLOW_TRACKING_PASSWORD is set and MLFLOW_TRACKING_USERNAME is not',
    ],
    [
      'the password is wrong',
      { username: 'ann', password: 'no' },
      401,
      'x',
      'it does not take MLFLOW_TRACKING_PASSWORD for the user ann',
    ],
    ['the token is wrong', { token: 'no' }, 401, 'x', 'it does not take MLFLOW_TRACKING_TOKEN'],
    [
      'the secret’s token is wrong',
      { token: 'no', from: 'the secret s' },
      401,
      'x',
      'it does not take the token in the secret s',
    ],
    [
      'the secret has none',
      { from: 'the secret s' },
      401,
      'x',
      'it asks who we are, and the secret s holds no name and no token',
    ],
    [
      'the user may not',
      { username: 'ann', password: 'pw' },
      403,
      'Permission denied',
      'the user ann lacks the permission',
    ],
    ['the token’s user may not', { token: 't' }, 403, 'Permission denied', 'it knows who asks and refuses'],
    ['it is no MLflow', {}, 404, '<h1>Not found</h1>', 'is that the address of an MLflow server'],
  ])('says what to do where %s', async (_, given, status, text, reason) => {
    const uri = await serve(says(status, text));
    const failed = mlflowTracker(connectMlflow({ uri, ...given })).experiment('x');
    await expect(failed).rejects.toThrow(`it answered ${status}: ${text} (`);
    await expect(failed).rejects.toThrow(reason);
    expect(requests).toHaveLength(1);
    await expect(failed).rejects.not.toThrow(/pw|\bno\b,/);
  });

  it('says how a server is started that knows its host by another name', async () => {
    const uri = await serve(says(403, 'Invalid Host header - possible DNS rebinding attack detected'));
    const { host } = new URL(uri);
    await expect(mlflowTracker(connectMlflow({ uri })).experiment('x')).rejects.toThrow(
      `it was not started for the host ${host}: start it with --allowed-hosts 127.0.0.1,${host}`,
    );
  });

  it('takes a name and password from the address, and says the address without them', async () => {
    const uri = await serve(says(401, 'no'));
    const named = uri.replace('//', '//ann:p%40ss@');
    const failed = mlflowTracker(connectMlflow({ uri: named })).experiment('x');
    await expect(failed).rejects.toThrow(`MLflow at ${uri} failed`);
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
  });

  it('uploads through a URL that the server signed, without our token, where the server does not keep the files', async () => {
    let put: IncomingMessage | undefined;
    const uri = await serve(
      (_, response) =>
        void response.end(
          JSON.stringify({ presigned_url: `${uri}/bucket/key?sig=1`, headers: { 'x-amz-a': 'b' } }),
        ),
      (request, response) => {
        put = request;
        request.resume().on('end', () => response.end());
      },
    );
    const tracker = mlflowTracker(connectMlflow({ uri, token: 'secret' }));
    const model = { id: 'm-1', status: 'pending', location: 's3://bucket/m-1' } as const;
    await tracker.uploadFile(model, 'MLmodel', new Uint8Array([1]));
    expect([put?.method, put?.url, put?.headers['x-amz-a'], put?.headers.authorization]).toEqual([
      'PUT',
      '/bucket/key?sig=1',
      'b',
      undefined,
    ]);
  });

  it.each(['databricks', 'file:///mlruns', './mlruns', 'sqlite:///mlflow.db'])(
    'refuses %s as an address',
    (uri) => {
      expect(() => connectMlflow({ uri })).toThrow(
        `MLFLOW_TRACKING_URI is ${uri}: it must be the http:// or https://`,
      );
    },
  );

  it('reads its options from MLflow’s own variables', () => {
    expect(mlflowOptions({})).toBeUndefined();
    expect(mlflowOptions({ MLFLOW_TRACKING_URI: '' })).toBeUndefined();
    expect(mlflowOptions({ MLFLOW_TRACKING_URI: 'http://m', MLFLOW_TRACKING_TOKEN: 't' })).toMatchObject({
      uri: 'http://m',
      token: 't',
    });
  });
});
