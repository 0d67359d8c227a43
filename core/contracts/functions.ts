/** What Lambda, and the worker pool in its place, gives one function. */
export interface FunctionLimits {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** How many may run at the same time; null: as many as the account (the machine) lets. */
  readonly concurrency: number | null;
}

const light: FunctionLimits = { memoryMiB: 512, timeoutSeconds: 60, concurrency: null };
/** Looks at a whole job: its table's footers, or its receipts. */
const planning: FunctionLimits = { memoryMiB: 1024, timeoutSeconds: 900, concurrency: null };
const shard: FunctionLimits = { memoryMiB: 1536, timeoutSeconds: 900, concurrency: null };

/**
 * Every function, by the name of its file in `functions/`, which is also its name in flows and logs.
 * Memory buys processor time on Lambda (1,769 MiB a core), so what computes has about one core.
 */
export const functions = {
  'plan-split': planning,
  'survey-shard': shard,
  'settle-split': shard,
  'split-shard': shard,
  'plan-map': planning,
  'map-shard': shard,
  'commit-split': planning,
  'prepare-study': shard,
  ask: light,
  train: shard,
  gather: shard,
  tell: light,
  'finish-study': light,
  'conclude-study': shard,
  'plan-prediction': planning,
  'predict-shard': shard,
  'commit-prediction': planning,
  'lose-shard': light,
  evaluate: planning,
  /** The only writer to MLflow, so one at a time. */
  aggregate: { ...light, timeoutSeconds: 300, concurrency: 1 },
  /** Called by EventBridge, not by a flow: an object below `uploads/` was written. */
  'receive-upload': light,
} as const satisfies Record<string, FunctionLimits>;

export type FunctionName = keyof typeof functions;

/** The functions that no flow calls. */
export const outsideFlows: readonly FunctionName[] = ['receive-upload'];

/** The flows, by the name of their file in `flows/`. */
export const flows = ['split', 'tune', 'predict', 'pipeline', 'map'] as const;
export type FlowName = (typeof flows)[number];

/** `plan-split` is `${PlanSplitFunction}` in ASL, `split` is `${SplitFlow}`. */
export const substitutionOf = (name: FunctionName | FlowName, kind: 'Function' | 'Flow'): string =>
  name.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase()) + kind;
