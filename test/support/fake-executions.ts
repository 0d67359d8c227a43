import type { FlowName } from '../../core/contracts/functions.ts';
import type { Json } from '../../core/json.ts';
import type { Described, Executions } from '../../library/remote/executions.ts';

export interface FakeExecutions extends Executions {
  /** What was started and stopped, in order: `start tune late-…-1`. */
  readonly calls: readonly string[];
  /** Puts an execution there, or changes it. */
  set(flow: FlowName, name: string, change: Partial<Described>): void;
  /** The answers of an execution's first states. */
  outputs(flow: FlowName, name: string, outputs: readonly Json[]): void;
}

/** Step Functions as a table of executions. What is started runs until the test says otherwise. */
export function fakeExecutions(): FakeExecutions {
  const all = new Map<string, Described>();
  const first = new Map<string, readonly Json[]>();
  const calls: string[] = [];
  const keyOf = (flow: FlowName, name: string) => `${flow} ${name}`;
  const set = (flow: FlowName, name: string, change: Partial<Described>) => {
    const fresh: Described = {
      ...{ flow, name, state: 'running', startedAt: 1000 + all.size, endedAt: undefined },
      ...{ input: null, output: null, error: '', cause: '' },
    };
    all.set(keyOf(flow, name), { ...fresh, ...all.get(keyOf(flow, name)), ...change });
  };
  return {
    calls,
    set,
    outputs: (flow, name, outputs) => {
      first.set(keyOf(flow, name), outputs);
    },
    start: async (flow, name, input) => {
      if (all.has(keyOf(flow, name))) return 'exists';
      calls.push(`start ${keyOf(flow, name)}`);
      set(flow, name, { input });
      return 'started';
    },
    describe: async (flow, name) => all.get(keyOf(flow, name)),
    list: async (flow, prefix, which) =>
      [...all.values()]
        .filter((one) => one.flow === flow && one.name.startsWith(prefix))
        .filter(({ state }) => which === 'all' || state === 'running')
        .toSorted((a, b) => b.startedAt - a.startedAt),
    firstOutputs: async (flow, name) => first.get(keyOf(flow, name)) ?? [],
    stop: async (flow, name) => {
      calls.push(`stop ${keyOf(flow, name)}`);
      set(flow, name, { state: 'stopped' });
    },
  };
}
