import type { Json } from '../../core/json.ts';

/** To the worker process: one invocation; the next comes after its answer. */
export interface Invocation {
  readonly requestId: string;
  readonly functionName: string;
  /** The function's ESM bundle, which exports `handler`; imported by the first invocation that names it. */
  readonly bundle: string;
  readonly event: Json;
  readonly timeoutMs: number;
  /** Of the process's environment from now on. */
  readonly env: Readonly<Record<string, string>>;
}

/** To the worker process: a bundle that an invocation is going to name. */
export interface Preparation {
  readonly prepare: string;
}

/** From the worker process. */
export type Answer =
  /** The bundle is imported: the invocation's time begins. Not said where it was imported before. */
  | { readonly kind: 'ready' }
  /** `text` is the result's JSON. */
  | { readonly kind: 'done'; readonly text: string }
  /** `fatal`: the process ends with it. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly fatal: boolean }
  /** Where the parent cannot look itself: megabytes of resident memory. */
  | { readonly kind: 'memory'; readonly rssMiB: number };

/** What Lambda reports of a failed invocation, and Step Functions passes on as Error (the type) and Cause (all of it). */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** Names that Lambda gives to failures which are not a handler's own exceptions. */
export const failureNames = {
  timedOut: 'Sandbox.Timedout',
  exited: 'Runtime.ExitError',
  outOfMemory: 'Runtime.OutOfMemory',
  responseTooLarge: 'Function.ResponseSizeTooLarge',
  handlerNotFound: 'Runtime.HandlerNotFound',
  importFailed: 'Runtime.ImportModuleError',
  badSyntax: 'Runtime.UserCodeSyntaxError',
  unhandledRejection: 'Runtime.UnhandledPromiseRejection',
} as const;

/** Lambda's limit of a synchronous response. */
export const responseLimitBytes = 6_291_556;
