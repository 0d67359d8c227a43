import type { Json } from '../../core/json.ts';
import type { Rule } from './choice.ts';
import type { Expression } from './expression.ts';
import type { Path } from './json-path.ts';
import type { Template } from './template.ts';

/** A flow that was read, checked and frozen by `loadFlow`. */
export interface FlowDefinition {
  readonly name: string;
  readonly machine: Machine;
}

/** A flow's own states, those of a Parallel's branch, or those that a Map runs for each item. */
export interface Machine {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
  readonly timeoutSeconds: number | undefined;
}

export type State =
  | TaskState
  | ParallelState
  | MapState
  | PassState
  | WaitState
  | ChoiceState
  | SucceedState
  | FailState;

/** A number that the flow fixes, or one that it finds in the input. */
export type Quantity =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'path'; readonly path: Path };

interface Through {
  readonly name: string;
  /** Null (here and below) stands for an empty object. */
  readonly inputPath: Path | null;
  readonly outputPath: Path | null;
}

interface Onward extends Through {
  /** Undefined ends the machine. */
  readonly next: string | undefined;
}

/** A state whose work may fail, be repeated, and be caught. */
export interface Fallible extends Onward {
  readonly resultSelector: Template | undefined;
  /** Null discards the result. */
  readonly resultPath: Path | null;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
  readonly jitter: boolean;
}

export interface Catcher {
  readonly errors: readonly string[];
  readonly resultPath: Path | null;
  readonly next: string;
}

export interface TaskState extends Fallible {
  readonly kind: 'Task';
  /** A function of Lambda's kind, or another flow. */
  readonly resource: 'function' | 'flow';
  readonly parameters: Template;
  readonly timeoutSeconds: Quantity | undefined;
}

export interface ParallelState extends Fallible {
  readonly kind: 'Parallel';
  readonly parameters: Template | undefined;
  readonly branches: readonly Machine[];
}

export interface MapState extends Fallible {
  readonly kind: 'Map';
  readonly items: { readonly kind: 'path'; readonly path: Path } | ItemReader;
  readonly selector: Template | undefined;
  /** 0 is no limit. */
  readonly maxConcurrency: Quantity;
  readonly processor: Machine;
  /** In one execution, where any failure fails the Map, or each item in an execution of its own. */
  readonly mode: { readonly kind: 'inline' } | DistributedMode;
}

/** A JSON array in an object of the store. */
interface ItemReader {
  readonly kind: 'reader';
  readonly parameters: Template;
  readonly maxItems: number;
}

export interface DistributedMode {
  readonly kind: 'distributed';
  readonly label: string;
  readonly toleratedPercentage: Quantity | undefined;
  readonly toleratedCount: Quantity | undefined;
  readonly writer: Template | undefined;
}

interface PassState extends Onward {
  readonly kind: 'Pass';
  readonly parameters: Template | undefined;
  readonly result: Json | undefined;
  readonly resultPath: Path | null;
}

export interface WaitState extends Onward {
  readonly kind: 'Wait';
  readonly until:
    | { readonly kind: 'seconds'; readonly seconds: Quantity }
    | { readonly kind: 'timestamp'; readonly timestamp: string }
    | { readonly kind: 'timestamp-path'; readonly path: Path };
}

interface ChoiceState extends Through {
  readonly kind: 'Choice';
  readonly choices: readonly { readonly rule: Rule; readonly next: string }[];
  readonly otherwise: string | undefined;
}

interface SucceedState extends Through {
  readonly kind: 'Succeed';
}

export interface FailState {
  readonly kind: 'Fail';
  readonly name: string;
  readonly error: Expression;
  readonly cause: Expression;
}
