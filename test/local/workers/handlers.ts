import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

interface Context {
  readonly functionName: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** What the pool's tests have their workers do. */
type Event =
  | { readonly do: 'echo'; readonly value: unknown }
  | {
      readonly do: 'context' | 'throw' | 'spin' | 'pid' | 'circular' | 'reject' | 'grow' | 'undefined';
    }
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'exit'; readonly code: number }
  | { readonly do: 'kill'; readonly signal: string }
  | { readonly do: 'large'; readonly bytes: number }
  | { readonly do: 'print'; readonly lines: readonly string[] };

let served = 0;

class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

export async function handler(event: Event, context: Context): Promise<unknown> {
  served += 1;
  switch (event.do) {
    case 'echo':
      return event.value;
    case 'undefined':
      return undefined;
    case 'context':
      return { ...context, remaining: context.getRemainingTimeInMillis(), env: process.env, served };
    case 'pid':
      await sleep(20);
      return process.pid;
    case 'sleep':
      await sleep(event.ms);
      return process.pid;
    case 'throw':
      throw new DivergedError('the loss is NaN');
    case 'reject':
      void Promise.reject(new Error('nobody waits for me'));
      return sleep(5000);
    case 'spin':
      for (;;);
    case 'exit':
      return process.exit(event.code);
    case 'kill':
      spawnSync('kill', [`-${event.signal}`, String(process.pid)]);
      return sleep(5000);
    case 'circular': {
      const circle: { self?: unknown } = {};
      circle.self = circle;
      return circle;
    }
    case 'large':
      return 'x'.repeat(event.bytes);
    case 'print':
      for (const line of event.lines) console.log(line);
      console.error('to stderr');
      return null;
    case 'grow': {
      const held: Buffer[] = [];
      for (;;) {
        held.push(Buffer.alloc(16 * 2 ** 20, 1));
        await sleep(20);
      }
    }
  }
}
