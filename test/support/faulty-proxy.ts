import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What befalls a call on its way to the server, or its answer on the way back. */
export const faults = [
  /** Answered by the proxy; the server hears nothing. */
  'error',
  'busy',
  'refused',
  /** The server does it; the answer is lost, late, or cut. */
  'lost',
  'silent',
  'half',
  'slow',
  /** The server does it after the caller gave up. */
  'late',
] as const;
export type Fault = (typeof faults)[number];

export interface FaultyProxy {
  readonly uri: string;
  /** How often each befell a call so far. */
  readonly met: ReadonlyMap<Fault, number>;
  /** From now on nothing befalls any call; resolves once what was under way is done. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Stands before an HTTP server. `plan` says by the number of the call, from 0, what befalls it; `patience` is how long its
 * caller waits. With a `token`, whoever does not bear it is answered 401.
 */
export async function faultyProxy(
  server: string,
  plan: (call: number) => Fault | undefined,
  { patience, token }: { readonly patience: number; readonly token?: string },
): Promise<FaultyProxy> {
  const met = new Map<Fault, number>();
  const underWay = new Set<Promise<void>>();
  let calls = 0;
  let healthy = false;
  const proxy = createServer((incoming, response) => {
    if (token !== undefined && incoming.headers.authorization !== `Bearer ${token}`) {
      return void response.writeHead(401).end('who are you?');
    }
    const fault = healthy ? undefined : plan(calls++);
    if (fault) met.set(fault, (met.get(fault) ?? 0) + 1);
    const work = pass(server, incoming, response, fault, patience).catch(() => void response.destroy());
    underWay.add(work);
    void work.then(() => underWay.delete(work));
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    uri: `http://127.0.0.1:${port}`,
    met,
    heal: async () => {
      healthy = true;
      await Promise.all(underWay);
    },
    close: async () => {
      proxy.closeAllConnections();
      await new Promise((closed) => proxy.close(closed));
    },
  };
}

async function pass(
  server: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  patience: number,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  switch (fault) {
    case 'error':
      return void response.writeHead(500, { 'content-type': 'text/html' }).end('<html>Internal error</html>');
    case 'busy':
      return void response
        .writeHead(429, { 'retry-after': '0' })
        .end('{"error_code":"REQUEST_LIMIT_EXCEEDED"}');
    case 'refused':
      return void response.destroy();
    case 'late':
      await sleep(patience + 300);
      return void (await forward(server, incoming, body));
  }
  const answer = await forward(server, incoming, body);
  switch (fault) {
    case 'lost':
      return void response.destroy();
    case 'silent':
      await sleep(patience + 300);
      return void response.destroy();
    case 'half':
      response.writeHead(answer.status, {
        ...answer.headers,
        'content-length': String(answer.body.length + 1),
      });
      response.write(answer.body.subarray(0, answer.body.length / 2));
      return void response.socket?.destroySoon();
    case 'slow':
      await sleep(patience / 2);
  }
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

function forward(server: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  const { host, connection, ...kept } = headers;
  return new Promise((answered, failed) => {
    const asked = request(`${server}${url}`, { method, headers: kept }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', failed);
      answer.on('end', () => {
        const type = answer.headers['content-type'] ?? 'application/json';
        answered({
          status: answer.statusCode ?? 502,
          headers: { 'content-type': type },
          body: Buffer.concat(chunks),
        });
      });
    });
    asked.on('error', failed);
    asked.end(body);
  });
}
