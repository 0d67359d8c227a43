import type { Json } from '../../core/json.ts';
import type { Engine, FlowEvent } from './engine.ts';
import { TaskError } from './errors.ts';
import type { Scope } from './json-path.ts';

/** One run of a flow, or of a distributed Map's processor over one item. */
export interface Execution {
  /** The flow's name; within a distributed Map, followed by / and its label. */
  readonly flow: string;
  readonly name: string;
  readonly id: string;
  readonly startTime: string;
  readonly input: Json;
}

/** Where a state runs: what it may use, and what tells it to stop. */
export interface Place {
  readonly engine: Engine;
  readonly execution: Execution;
  /** Aborted with the error that the state shall end with. */
  readonly signal: AbortSignal;
  /** The item of the nearest Map within the same execution. */
  readonly item: { readonly Index: number; readonly Value: Json } | undefined;
}

/** A state that was entered: at which time, and how often it was repeated since. */
export interface Visit {
  readonly state: string;
  readonly entered: string;
  readonly retry: number;
}

const account = 'local:000000000000';

export const executionArn = (flow: string, name: string): string =>
  `arn:aws:states:${account}:execution:${flow}:${name}`;

const stateMachineArn = (flow: string): string => `arn:aws:states:${account}:stateMachine:${flow}`;

export const timeText = (engine: Engine): string => new Date(engine.now()).toISOString();

export function scopeOf(place: Place, visit: Visit, input: Json): Scope {
  return { input, context: contextOf(place, visit), random: () => place.engine.random() };
}

function contextOf({ execution, item }: Place, visit: Visit): Json {
  return {
    Execution: {
      Id: execution.id,
      Name: execution.name,
      StartTime: execution.startTime,
      Input: execution.input,
    },
    State: { Name: visit.state, EnteredTime: visit.entered, RetryCount: visit.retry },
    StateMachine: { Id: stateMachineArn(execution.flow), Name: execution.flow },
    ...(item && { Map: { Item: item } }),
  };
}

type Told<Event> = Event extends FlowEvent ? Omit<Event, 'flow' | 'execution' | 'at'> : never;

export function tell({ engine, execution }: Place, event: Told<FlowEvent>): void {
  const where = { flow: execution.flow, execution: execution.name, at: engine.now() };
  engine.observe?.({ ...where, ...event } as FlowEvent);
}

/** Step Functions passes no more than 256 KiB of UTF-8 between states. */
const limitBytes = 256 * 1024;

export function withinLimit(value: Json, what: string): Json {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= limitBytes) return value;
  const message = `${what} has ${bytes} bytes of JSON; at most ${limitBytes} are allowed`;
  throw new TaskError('States.DataLimitExceeded', message);
}
