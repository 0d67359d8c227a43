import type { DescribeExecutionCommandOutput, SFN } from '@aws-sdk/client-sfn';
import type { FlowName } from '../../core/contracts/functions.ts';
import type { Json } from '../../core/json.ts';

/** An execution of one of the stack's state machines. */
export interface Execution {
  readonly flow: FlowName;
  readonly name: string;
  readonly state: 'running' | 'succeeded' | 'failed' | 'stopped' | 'timed-out';
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** What one execution was given and came to. */
export interface Described extends Execution {
  readonly endedAt: number | undefined;
  readonly input: Json;
  /** Null unless it succeeded. */
  readonly output: Json;
  /** Empty unless it failed, was stopped or took too long. */
  readonly error: string;
  readonly cause: string;
}

/** Step Functions, as far as the commands ask of it. */
export interface Executions {
  /** `exists`: that name was used before, in the last 90 days. */
  start(flow: FlowName, name: string, input: Json): Promise<'started' | 'exists'>;
  describe(flow: FlowName, name: string): Promise<Described | undefined>;
  /** Whose names begin so, the latest first. */
  list(flow: FlowName, prefix: string, which: 'running' | 'all'): Promise<readonly Execution[]>;
  /** What the first states answered, in their order. */
  firstOutputs(flow: FlowName, name: string): Promise<readonly Json[]>;
  stop(flow: FlowName, name: string, cause: string): Promise<void>;
}

/** Events to look at for the first states' answers: none of our flows has more before its shards or lanes begin. */
const firstEvents = 30;

/** `arns` are the state machines' own. */
export function stackExecutions(client: SFN, arns: Readonly<Record<FlowName, string>>): Executions {
  const arnOf = (flow: FlowName, name: string): string =>
    `${arns[flow].replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    start: async (flow, name, input) => {
      try {
        await client.startExecution({ stateMachineArn: arns[flow], name, input: JSON.stringify(input) });
        return 'started';
      } catch (error) {
        if (isNamed(error, 'ExecutionAlreadyExists')) return 'exists';
        throw error;
      }
    },
    describe: async (flow, name) => {
      try {
        return describedOf(flow, name, await client.describeExecution({ executionArn: arnOf(flow, name) }));
      } catch (error) {
        if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
        throw error;
      }
    },
    list: (flow, prefix, which) => list(client, flow, arns[flow], prefix, which),
    firstOutputs: async (flow, name) => {
      const { events = [] } = await client.getExecutionHistory({
        executionArn: arnOf(flow, name),
        maxResults: firstEvents,
      });
      return events.flatMap(({ stateExitedEventDetails: exited }) => parsed(exited?.output) ?? []);
    },
    stop: async (flow, name, cause) => {
      await client.stopExecution({ executionArn: arnOf(flow, name), error: 'Stopped', cause });
    },
  };
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

async function list(
  client: SFN,
  flow: FlowName,
  stateMachineArn: string,
  prefix: string,
  which: 'running' | 'all',
): Promise<Execution[]> {
  const found: Execution[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.listExecutions({
      stateMachineArn,
      maxResults: 1000,
      ...(which === 'running' && { statusFilter: 'RUNNING' }),
      ...(nextToken !== undefined && { nextToken }),
    });
    for (const { name = '', status, startDate } of page.executions ?? []) {
      if (!name.startsWith(prefix)) continue;
      found.push({ flow, name, state: stateOf(status), startedAt: startDate?.getTime() ?? 0 });
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found.sort((a, b) => b.startedAt - a.startedAt);
}

function describedOf(flow: FlowName, name: string, answer: DescribeExecutionCommandOutput): Described {
  const { status, startDate, stopDate, input, output, error, cause } = answer;
  return {
    flow,
    name,
    state: stateOf(status),
    startedAt: startDate?.getTime() ?? 0,
    endedAt: stopDate?.getTime(),
    input: parsed(input) ?? null,
    output: parsed(output) ?? null,
    error: error ?? '',
    cause: cause ?? '',
  };
}

function stateOf(status: string | undefined): Execution['state'] {
  switch (status) {
    case 'SUCCEEDED':
      return 'succeeded';
    case 'FAILED':
      return 'failed';
    case 'ABORTED':
      return 'stopped';
    case 'TIMED_OUT':
      return 'timed-out';
    default:
      return 'running';
  }
}

const parsed = (text: string | undefined): Json | undefined =>
  text ? (JSON.parse(text) as Json) : undefined;
