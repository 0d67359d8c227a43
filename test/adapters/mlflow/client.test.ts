import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { connectMlflow, mlflowOptions } from '../../../adapters/mlflow/client.ts';
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
