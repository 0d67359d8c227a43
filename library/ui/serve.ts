import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FanfareError } from '../../core/errors.ts';
import { pageOf } from '../../core/report/page.ts';
import type { Engine } from '../engine.ts';
import { pageAssets } from '../page-assets.ts';
import { openPages, type Pages } from './pages.ts';

export interface UiOptions {
  /** 0: one that is free. */
  readonly port?: number;
  /** Whom it listens to: this machine alone (127.0.0.1) where it is left out. */
  readonly host?: string;
}

export interface Ui {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the pages of what is in the store. It writes nothing, names no file by a path that it was given, and answers whom it
 * was opened for: the Host must be its own, so that no other site's name leads here, and an Origin too.
 */
export async function serveUi(engine: Engine, { port = 0, host = '127.0.0.1' }: UiOptions = {}): Promise<Ui> {
  const assets = await pageAssets();
  const pages = openPages(engine);
  const server = createServer((request, response) => {
    void answer(request, hostsOf(server, host), pages)
      .catch((error: unknown): Answer => textOf(500, error instanceof Error ? error.message : String(error)))
      .then((made) => send(request, response, made.kind === 'page' ? pageText(made, assets) : made));
  });
  await listen(server, port, host);
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${own}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken =
        cause.code === 'EADDRINUSE' ? 'is taken: give another, or none' : `cannot be had: ${cause.message}`;
      fail(new FanfareError('InvalidSpec', `port ${port} of ${host} ${taken}`, { cause }));
    });
    server.listen(port, host, done);
  });
}

type Answer =
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly type: string;
      readonly body: string;
      readonly tag?: string;
    }
  | {
      readonly kind: 'page';
      readonly report: Parameters<typeof pageOf>[0];
      readonly live: { readonly address: string; readonly tag: string };
    };

const textOf = (status: number, body: string): Answer => ({
  ...{ kind: 'text', status, body: `${body}\n` },
  type: 'text/plain; charset=utf-8',
});

/** The names by which this machine is itself; a wider host was asked for by whoever knows who may come. */
function hostsOf(server: Server, host: string): (given: string | undefined) => boolean {
  const { port } = server.address() as AddressInfo;
  const own = ['127.0.0.1', 'localhost', '[::1]', host].map((name) => `${name}:${port}`);
  return (given) => given !== undefined && own.includes(given.toLowerCase());
}

async function answer(
  { method, headers, url = '/' }: IncomingMessage,
  isOwn: (host: string | undefined) => boolean,
  pages: Pages,
): Promise<Answer> {
  if (!isOwn(headers.host)) return textOf(403, 'this is served under another name');
  const { origin } = headers;
  if (origin !== undefined && !isOwn(/^http:\/\/(.*)$/.exec(origin)?.[1]))
    return textOf(403, 'another site asked');
  if (method !== 'GET' && method !== 'HEAD')
    return textOf(405, 'nothing is changed here: GET and HEAD alone');
  const [, asked, data] = /^\/([a-z0-9/-]*?)(\.json)?(?:\?.*)?$/.exec(url) ?? [];
  const found =
    asked === undefined ? undefined : await pages.find(asked, String(headers['if-none-match'] ?? ''));
  if (found === undefined) return textOf(404, 'there is no such page');
  if (found === 'same') return { kind: 'text', status: 304, type: 'application/json', body: '' };
  const { report, tag } = found;
  if (data === undefined) return { kind: 'page', report, live: { address: `/${asked}.json`, tag } };
  return {
    kind: 'text',
    status: 200,
    type: 'application/json; charset=utf-8',
    body: JSON.stringify(report),
    tag,
  };
}

function pageText(
  { report, live }: Extract<Answer, { kind: 'page' }>,
  assets: Awaited<ReturnType<typeof pageAssets>>,
): Extract<Answer, { kind: 'text' }> {
  return { kind: 'text', status: 200, type: 'text/html; charset=utf-8', body: pageOf(report, assets, live) };
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, type, body, tag }: Extract<Answer, { kind: 'text' }>,
): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    ...(tag !== undefined && { etag: tag }),
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(method === 'HEAD' || status === 304 ? undefined : body);
}
