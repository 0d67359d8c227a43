import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Where there is a Chromium, or Chrome; CHROMIUM names one. Undefined: none. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env.CHROMIUM ?? '', ...found].find((path) => path !== '' && existsSync(path));
}

/** A headless browser, spoken to by its DevTools protocol over two pipes: no port, no package. */
export interface Browser {
  open(view: View): Promise<Page>;
  close(): Promise<void>;
}

interface View {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  /** As a phone is: touch, and the page's own viewport. */
  readonly phone?: boolean;
}

export interface Page {
  /** Loads it, and waits until it has. */
  go(url: string): Promise<void>;
  /** What an expression in the page comes to, awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until the expression is true. */
  until(expression: string): Promise<void>;
  press(key: string): Promise<void>;
  type(text: string): Promise<void>;
  click(x: number, y: number): Promise<void>;
  drag(from: readonly [number, number], to: readonly [number, number]): Promise<void>;
  /** Of all of the page, or of what is seen. */
  screenshot(file: string, whole?: boolean): Promise<void>;
  metrics(): Promise<Readonly<Record<string, number>>>;
  /** What its console said, its exceptions, and what its policy refused. */
  readonly complaints: readonly string[];
  /** Every address that it asked for. */
  readonly requests: readonly string[];
}

type Params = Readonly<Record<string, unknown>>;
type Send = (method: string, params?: Params) => Promise<Record<string, unknown>>;

export async function launch(path: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'fanfare-chromium-'));
  const flags = [
    ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...['--remote-debugging-pipe', `--user-data-dir=${profile}`, '--force-color-profile=srgb'],
  ];
  const child = spawn(path, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const { send, listen } = connect(child);
  return {
    open: async (view) => {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const own: Send = (method, params) => send(method, params, sessionId as string);
      return openPage(own, (listener) => listen(sessionId as string, listener), view);
    },
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}
type Listener = (method: string, params: Params) => void;

/** Messages are JSON, and a null byte ends each. */
function connect(child: ChildProcess) {
  const [, , , into, from] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Map<string, Listener>();
  let [count, rest] = [0, ''];
  from.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop()!;
    for (const message of messages.map((one) => JSON.parse(one) as Message)) {
      if (message.id !== undefined) waiting.get(message.id)?.(message);
      else if (message.method) listeners.get(message.sessionId ?? '')?.(message.method, message.params ?? {});
    }
  });
  return {
    send: (method: string, params: Params = {}, sessionId?: string) =>
      new Promise<Record<string, unknown>>((done, fail) => {
        count += 1;
        waiting.set(count, ({ result, error }) =>
          error ? fail(new Error(`${method}: ${error.message}`)) : done(result ?? {}),
        );
        into.write(`${JSON.stringify({ id: count, method, params, ...(sessionId && { sessionId }) })}\0`);
      }),
    listen: (sessionId: string, listener: Listener) => void listeners.set(sessionId, listener),
  };
}

async function openPage(send: Send, listen: (listener: Listener) => void, view: View): Promise<Page> {
  const [complaints, requests]: [string[], string[]] = [[], []];
  let loaded = () => {};
  listen((method, params) => {
    if (method === 'Page.loadEventFired') loaded();
    if (method === 'Network.requestWillBeSent') requests.push((params.request as { url: string }).url);
    const complaint = complaintOf(method, params);
    if (complaint !== undefined) complaints.push(complaint);
  });
  for (const domain of ['Page', 'Runtime', 'Network', 'Log', 'Performance']) await send(`${domain}.enable`);
  const { width, height, dark = false, phone = false } = view;
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: phone });
  await send('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
  });
  const evaluate = async <T>(expression: string) => {
    const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const thrown = answer.exceptionDetails as
      | { readonly text: string; readonly exception?: { readonly description?: string } }
      | undefined;
    if (thrown) throw new Error(thrown.exception?.description ?? thrown.text);
    return (answer.result as { value: T }).value;
  };
  const mouse = (type: string, [x, y]: readonly [number, number], buttons: number) =>
    send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons, clickCount: 1 });
  return {
    complaints,
    requests,
    evaluate,
    go: async (url) => {
      const done = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      await send('Page.navigate', { url });
      await done;
    },
    until: async (expression) => {
      const look = `new Promise((done, fail) => {
        const end = performance.now() + 20000;
        const look = () => (${expression}) ? done() : performance.now() > end ? fail(new Error('never: ' + ${JSON.stringify(expression)})) : setTimeout(look, 20);
        look();
      })`;
      for (;;) {
        try {
          return await evaluate<void>(look);
        } catch (error) {
          // The page that was looked at made way for another one, which is looked at now.
          if (!/navigated or closed|context was destroyed/.test(String(error))) throw error;
        }
      }
    },
    press: async (key) => {
      const text = { Enter: '\r', ' ': ' ' }[key];
      const code = { Enter: 13, Tab: 9, ' ': 32, ArrowDown: 40 }[key] ?? 0;
      const common = { key, windowsVirtualKeyCode: code };
      await send('Input.dispatchKeyEvent', {
        type: text ? 'keyDown' : 'rawKeyDown',
        ...common,
        ...(text && { text }),
      });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...common });
    },
    type: (text) => send('Input.insertText', { text }).then(() => {}),
    click: async (x, y) => {
      await mouse('mousePressed', [x, y], 1);
      await mouse('mouseReleased', [x, y], 0);
    },
    drag: async (from, to) => {
      await mouse('mouseMoved', from, 0);
      await mouse('mousePressed', from, 1);
      for (const part of [0.25, 0.5, 0.75, 1])
        await mouse(
          'mouseMoved',
          [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])],
          1,
        );
      await mouse('mouseReleased', to, 0);
    },
    screenshot: async (file, whole = false) => {
      const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: whole });
      await writeFile(file, Buffer.from(data as string, 'base64'));
    },
    metrics: async () => {
      const { metrics } = await send('Performance.getMetrics');
      return Object.fromEntries(
        (metrics as { name: string; value: number }[]).map(({ name, value }) => [name, value]),
      );
    },
  };
}

function complaintOf(method: string, params: Params): string | undefined {
  if (method === 'Runtime.exceptionThrown') {
    const { text, exception } = params.exceptionDetails as {
      readonly text: string;
      readonly exception?: { readonly description?: string };
    };
    return exception?.description ?? text;
  }
  if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(params.type as string))
    return (params.args as { value?: unknown; description?: string }[])
      .map(({ value, description }) => String(value ?? description))
      .join(' ');
  if (method === 'Log.entryAdded') return (params.entry as { text: string }).text;
  return undefined;
}
