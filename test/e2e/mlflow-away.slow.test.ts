import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, documentOf, type Ended, openDesk, type Running, refusal, until } from '../support/cli.ts';
import { colorRows, csvOf } from '../support/colors.ts';
import { mlflowRecord } from '../support/mlflow-record.ts';

let desk: Desk;
let broken: Server;
/** `fanfare mlflow`, and the address that it prints. */
let serving: Running;
let realUri: string;
/** Where nobody listens any more. */
let silentUri: string;
let spec: string;
/** What a whole pipeline said with a server that answers 500 to everything, and with none that listens. */
let said: Record<'broken' | 'silent', Ended>;
const uriOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  desk = await openDesk();
  serving = desk.start(['mlflow']);
  broken = createServer((_, response) => response.writeHead(500).end('planted'));
  const silent = createServer();
  for (const server of [broken, silent]) await once(server.listen(0, '127.0.0.1'), 'listening');
  silentUri = uriOf(silent);
  silent.close();
  await desk.write('colors.csv', csvOf(colorRows(3000), ['when', 'x', 'color', 'hit']));
  const space = { learning_rate: { low: 0.05, high: 0.4 } };
  const tune = { trials: 2, lanes: 1, scheduler: { kind: 'none', max: 5 }, space };
  spec = await desk.write(
    'colors.yaml',
    JSON.stringify({ name: 'colors', table: 'colors.csv', target: 'hit', tune }),
  );
  const pipeline = (uri: string, home: string) =>
    desk.run(['pipeline', spec, '--home', desk.path(home)], { MLFLOW_TRACKING_URI: uri });
  const [withBroken, withSilent] = await Promise.all([
    pipeline(uriOf(broken), 'broken'),
    pipeline(silentUri, 'silent'),
  ]);
  said = { broken: withBroken, silent: withSilent };
  realUri = await until(async () => /^http:\S+\n/.exec(serving.said().stdout)?.[0].trim());
});

afterAll(async () => {
  broken?.close();
  await desk?.clear();
});

describe('fanfare sync', () => {
  const home = () => ['--home', desk.path('silent')];

  it('fails with one line where there is no server to send to', async () => {
    const message = refusal(await desk.run(['sync', '--no-mlflow', ...home()]));
    expect(message).toMatch(
      /^TrackerUnavailable: there is no MLflow to send to: name a server in MLFLOW_TRACKING_URI/,
    );
  });

  it('fails with one line where the server does not answer, and keeps what it was to send', async () => {
    const message = refusal(await desk.run(['sync', ...home()], { MLFLOW_TRACKING_URI: silentUri }));
    expect(message).toMatch(
      /^TrackerUnavailable: MLflow at http:.*ECONNREFUSED.*; nothing was sent, 3 records still wait$/,
    );
  });
});

describe.each(['broken', 'silent'] as const)('a pipeline whose MLflow is %s', (kind) => {
  const home = () => desk.path(kind);
  const sync = (uri: string) => desk.run(['sync', '--home', home()], { MLFLOW_TRACKING_URI: uri });

  it('succeeds, and says why nothing is recorded and how to send it', () => {
    const { code, stdout } = said[kind];
    expect(code).toBe(0);
    expect(stdout).toMatch(/^predicted +\d+ of \d+ rows, 0 rejected$/m);
    const reason = kind === 'broken' ? 'it answered 500' : 'ECONNREFUSED';
    expect(stdout).toMatch(new RegExp(`^registered +not yet: MLflow at http://\\S+ failed .*${reason}`, 'm'));
    expect(stdout).toMatch(/^champion +not moved yet: /m);
    expect(stdout).toContain(`3 records wait for MLflow: npx fanfare sync --home ${home()} sends them`);
  });

  it('keeps the record, which `status` shows', async () => {
    const list = await desk.run(['list', '--home', home()]);
    expect(list.stdout).toMatch(/^colors-\w+ +concluded +2 of 2 +auc 0\.\d{4}, trial [01] /m);
    expect(list.stdout).toMatch(/^colors-\w+ +committed +\d+ of \d+ rows /m);
    const { stdout } = await desk.run(['status', '--home', home()]);
    expect(stdout).toMatch(/^3 records wait for MLflow: fanfare sync$/m);
  });

  it('is sent by `sync` once there is a server, and then nothing is left', async () => {
    const sent = await sync(realUri);
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/MLflow has everything\n$/) });
    expect((await desk.run(['status', '--home', home()])).stdout).not.toContain('wait for MLflow');
    expect((await mlflowRecord(realUri).model('colors')).aliases).toMatchObject({ champion: '1' });
    expect((await sync(realUri)).stdout).toBe('MLflow has everything\n');
  });
});

describe('fanfare predict', () => {
  const predict = (model: string, uri = realUri) =>
    desk.run(['predict', spec, '--json', '--home', desk.path('broken'), '--model', model], {
      MLFLOW_TRACKING_URI: uri,
    });

  it.each([
    [
      'models:/colours@champion',
      /^MissingInput: models:\/colours@champion: MLflow has no registered model colours$/,
    ],
    [
      'models:/colors@best',
      /^MissingInput: models:\/colors@best: there is no such version of colors\. There are: versions 1; aliases .*@champion \(version 1\)/,
    ],
    [
      'models:/colors/7',
      /^MissingInput: models:\/colors\/7: there is no such version of colors\. There are: versions 1;/,
    ],
    [
      'colors',
      /^InvalidSpec: "colors" names no model: write models:\/<name>@<alias>, .* or the path of an .onnx file/,
    ],
    [`sha256:${'a'.repeat(64)}`, /^MissingInput: there is no model sha256:a{64}/],
  ])('refuses %s and says what there is', async (model, words) => {
    expect(refusal(await predict(model))).toMatch(words);
  });

  it('takes a version or an alias that there is, from a store that never had the model', async () => {
    const home = desk.path('elsewhere');
    const env = { MLFLOW_TRACKING_URI: realUri };
    for (const model of ['models:/colors/1', 'models:/colors@champion']) {
      const ended = await desk.run(['predict', spec, '--json', '--home', home, '--model', model], env);
      expect(documentOf(ended)).toMatchObject({ predict: { rows: 3000, predicted: 3000, rejected: 0 } });
    }
  });

  it('says that MLflow is needed to look up an alias, where it is away', async () => {
    expect(refusal(await predict('models:/colors@champion', silentUri))).toMatch(
      /^TrackerUnavailable: MLflow at .*ECONNREFUSED/,
    );
  });
});

describe('fanfare mlflow', () => {
  it('serves the record of its folder until it is interrupted', async () => {
    expect((await fetch(`${realUri}/health`)).ok).toBe(true);
    serving.child.kill('SIGINT');
    expect(await serving.ended).toMatchObject({ code: 0, stdout: `${realUri}\n`, stderr: '' });
    await expect(fetch(`${realUri}/health`)).rejects.toThrow();
  });
});
