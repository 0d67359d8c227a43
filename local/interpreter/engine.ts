import type { Json } from '../../core/json.ts';
import type { FlowDefinition } from './flow.ts';

/** What a flow needs from the world. */
export interface Engine {
  /**
   * Calls a function. Rejects with a `TaskError` named as Lambda names it. `timeoutMs` counts from when the function
   * starts (not while it waits for a free worker), and ends it with `States.Timeout`. An aborted signal ends it.
   */
  invoke(
    functionName: string,
    payload: Json,
    limits: { readonly timeoutMs: number | undefined; readonly signal: AbortSignal },
  ): Promise<Json>;
  /** An object's bytes, or undefined where there is none. */
  readObject(bucket: string, key: string): Promise<Uint8Array | undefined>;
  /** The flow that a StateMachineArn names. */
  flow(name: string): FlowDefinition | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** Ends early, resolved or rejected, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 (inclusive) to 1 (exclusive). */
  random(): number;
  /** Is told of each step, for progress and for counts; must not throw. */
  observe?(event: FlowEvent): void;
}

export type FlowEvent = {
  /** The flow's name; within a distributed Map, followed by / and its label. */
  readonly flow: string;
  readonly execution: string;
  /** Milliseconds since 1970. */
  readonly at: number;
} & (
  | { readonly kind: 'started' | 'succeeded' }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string }
  | { readonly kind: 'state-entered' | 'state-exited'; readonly state: string }
  | { readonly kind: 'state-failed'; readonly state: string; readonly error: string; readonly cause: string }
  | {
      readonly kind: 'state-retried';
      readonly state: string;
      readonly retry: number;
      readonly delayMs: number;
    }
  | { readonly kind: 'state-caught'; readonly state: string; readonly next: string }
  | { readonly kind: 'map-started'; readonly state: string; readonly items: number }
  | { readonly kind: 'item-started' | 'item-done'; readonly state: string; readonly index: number }
  | {
      readonly kind: 'item-failed';
      readonly state: string;
      readonly index: number;
      readonly error: string;
      readonly cause: string;
    }
);
