import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import type { Report } from '../../../core/contracts/report.ts';
import { encodeJson, type ObjectStore } from '../../../core/store.ts';
import type { Engine } from '../../../library/engine.ts';
import { serveUi, type Ui } from '../../../library/ui/serve.ts';
import { exampleStudy, hostile, writeExample } from '../../support/example-study.ts';
import { memoryStore } from '../../support/memory-store.ts';

// The page's own script is of no matter here.
vi.mock('../../../library/page-assets.ts', () => ({
  pageAssets: async () => ({ script: 'draw()', scriptHash: 'aGFzaA==', style: '' }),
}));

let store: ObjectStore;
let ui: Ui;
const example = exampleStudy(20);
const { study } = example.study;

beforeEach(async () => {
  store = memoryStore();
  await writeExample(store, example);
  ui = await serveUi({ store, place: '/store' } as Engine);
});
afterEach(() => ui.close());

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Asks as any program may: with whatever Host and path. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((done, fail) => {
    const { hostname, port } = new URL(ui.url);
    const asked = request({ hostname, port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => done({ status: response.statusCode!, body, headers: response.headers }));
    });
    asked.on('error', fail);
    asked.end();
  });

describe('fanfare ui', () => {
  test('listens to this machine alone', () => {
    expect(ui.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  test('lists what there is, and has a page of each study', async () => {
    const list = await ask('/.json');
    expect((JSON.parse(list.body) as Report).parts).toMatchObject([
      {
        kind: 'list',
        studies: [{ study, state: 'concluded', trials: 20, budget: 20, metric: 'auc' }],
        predictions: [],
      },
    ]);
    const page = await ask(`/studies/${study}`);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.body).toContain(`data-live="/studies/${study}.json"`);
    expect(page.body).toContain("connect-src 'self'");
    expect(page.body).not.toContain(hostile);
  });

  test.each(['example.org', 'localhost', '127.0.0.1:1', '127.0.0.1.example.org'])(
    'refuses the Host %j: a name that leads here is not its own',
    async (host) => {
      expect((await ask('/', { host })).status).toBe(403);
    },
  );

  test('takes the names that this machine has', async () => {
    const { port } = new URL(ui.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect((await ask('/', { host })).status).toBe(200);
  });

  test('refuses another site’s Origin, and takes its own', async () => {
    for (const origin of ['http://example.org', 'null', 'https://127.0.0.1', `${ui.url}@example.org`])
      expect((await ask('/', { origin })).status).toBe(403);
    expect((await ask('/', { origin: ui.url.slice(0, -1) })).status).toBe(200);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'changes nothing: %s is refused',
    async (method) => {
      const { status, headers } = await ask('/', {}, method);
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    },
  );

  test.each([
    '/../../etc/passwd',
    '/studies/../study.json',
    '/studies/..%2f..%2fetc%2fpasswd',
    `/studies/${study}/claims/00000.json`,
    '/studies/nothing-000000000000',
    '/predictions/nothing-000000000000.json',
    '/specs/x',
    '//example.org/',
    '/%00',
  ])('has nothing at %s', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  test('says that nothing is new until something is', async () => {
    const { headers } = await ask(`/studies/${study}.json`);
    const tag = String(headers.etag);
    const path = `/studies/${study}.json`;
    const again = await ask(path, { 'if-none-match': tag });
    expect([again.status, again.body]).toEqual([304, '']);
    // The study is given more trials.
    const { sampler } = example.study;
    await store.put(keys.budget(study, 1), encodeJson({ trials: 40, sampler }));
    const next = await ask(path, { 'if-none-match': tag });
    expect(next.status).toBe(200);
    expect(next.headers.etag).not.toBe(tag);
    expect((JSON.parse(next.body) as Report).parts[0]).toMatchObject({ budget: 40, state: 'open' });
  });

  test('what several ask for at once is read once, and whole', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(`/studies/${study}.json`)));
    const counts = answers.map(({ body }) => {
      const [part] = (JSON.parse(body) as Report).parts;
      return part?.kind === 'study' ? part.works.lane.length : 0;
    });
    expect(new Set(counts)).toEqual(new Set([example.claims.length]));
  });

  test('is not to be framed, kept or guessed at', async () => {
    const { headers } = await ask('/');
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  test('a port that is taken is told', async () => {
    const { port } = new URL(ui.url);
    await expect(serveUi({ store, place: '' } as Engine, { port: Number(port) })).rejects.toThrow(
      `port ${port} of 127.0.0.1 is taken`,
    );
  });
});
