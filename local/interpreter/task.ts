import type { Json } from '../../core/json.ts';
import { unlessAborted, withinTime } from './abort.ts';
import { runtimeError, TaskError } from './errors.ts';
import type { FlowDefinition, TaskState } from './flow.ts';
import { uuid } from './intrinsic-functions.ts';
import { isObject } from './json-path.ts';
import { executionArn, type Place, scopeOf, timeText, type Visit, withinLimit } from './place.ts';
import { quantityOf } from './quantity.ts';
import { fill } from './template.ts';

/** Runs a flow to its end; rejects with the `TaskError` that it failed with. */
export type RunFlow = (
  place: Pick<Place, 'engine' | 'signal'>,
  flow: FlowDefinition,
  name: string,
  input: Json,
) => Promise<Json>;

/** Calls a function, or runs another flow, and gives the result in the form that Step Functions gives it. */
export async function runTask(
  place: Place,
  state: TaskState,
  visit: Visit,
  input: Json,
  runFlow: RunFlow,
): Promise<Json> {
  const scope = scopeOf(place, visit, input);
  const parameters = withinLimit(fill(state.parameters, scope), `the parameters of ${state.name}`);
  const seconds = state.timeoutSeconds && quantityOf(state.timeoutSeconds, scope, { least: 1 });
  const given = isObject(parameters) ? parameters : {};
  if (state.resource === 'flow') return startExecution(place, given, seconds, runFlow);
  return invoke(place, given, seconds);
}

interface Parameters {
  readonly [key: string]: Json;
}

async function invoke(place: Place, given: Parameters, seconds: number | undefined): Promise<Json> {
  const functionName = textIn(given, 'FunctionName');
  const timeoutMs = seconds === undefined ? undefined : seconds * 1000;
  const limits = { timeoutMs, signal: place.signal };
  try {
    const call = place.engine.invoke(functionName, given.Payload ?? {}, limits);
    return { ExecutedVersion: '$LATEST', Payload: await unlessAborted(place.signal, call), StatusCode: 200 };
  } catch (thrown) {
    if (thrown instanceof TaskError || place.signal.aborted) throw thrown;
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    throw new TaskError(name, message);
  }
}

function textIn(given: Parameters, name: string): string {
  const value = given[name];
  if (typeof value === 'string') return value;
  throw runtimeError(`${name} must be a string, found ${JSON.stringify(value)}`);
}

/** As `states:startExecution.sync:2` does: Input and Output are JSON, not text. */
async function startExecution(
  place: Place,
  given: Parameters,
  seconds: number | undefined,
  runFlow: RunFlow,
): Promise<Json> {
  const arn = textIn(given, 'StateMachineArn');
  const flow = place.engine.flow(arn);
  if (!flow) {
    throw new TaskError('StepFunctions.StateMachineDoesNotExistException', `no flow is known as '${arn}'`);
  }
  const name = nameOf(given, place);
  const input = given.Input ?? {};
  const described = {
    ExecutionArn: executionArn(flow.name, name),
    Input: input,
    InputDetails: { Included: true },
    Name: name,
    StartDate: timeText(place.engine),
    StateMachineArn: arn,
  };
  return withinTime(place.engine, place.signal, seconds, async (signal) => {
    try {
      const output = await runFlow({ engine: place.engine, signal }, flow, name, input);
      const ended = { Output: output, OutputDetails: { Included: true }, Status: 'SUCCEEDED' };
      return { ...described, ...ended, StopDate: timeText(place.engine) };
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof TaskError)) throw thrown;
      const Status = thrown.error === 'States.Timeout' ? 'TIMED_OUT' : 'FAILED';
      const ended = { Error: thrown.error, Cause: thrown.cause, Status, StopDate: timeText(place.engine) };
      throw new TaskError('States.TaskFailed', JSON.stringify({ ...described, ...ended }));
    }
  });
}

function nameOf(given: Parameters, place: Place): string {
  const name = given.Name === undefined ? uuid(() => place.engine.random()) : textIn(given, 'Name');
  if (/^[A-Za-z0-9_-]{1,80}$/.test(name)) return name;
  const message = `the name of an execution is 1 to 80 of A-Z, a-z, 0-9, _ and -, given '${name}'`;
  throw new TaskError('StepFunctions.InvalidNameException', message);
}
