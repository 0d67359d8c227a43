import type { Json } from '../../core/json.ts';
import { fanOut, withinSignal, withinTime } from './abort.ts';
import { attempt, effectiveInput, type Outcome, throughOutputPath, withResult } from './attempt.ts';
import { holds } from './choice.ts';
import type { Engine } from './engine.ts';
import { FlowFailed, runtimeError, TaskError } from './errors.ts';
import { evaluate, valueAt } from './expression.ts';
import type { FailState, FlowDefinition, Machine, ParallelState, State, WaitState } from './flow.ts';
import type { Scope } from './json-path.ts';
import { runMap } from './map.ts';
import { executionArn, type Place, scopeOf, tell, timeText, type Visit, withinLimit } from './place.ts';
import { quantityOf } from './quantity.ts';
import { runTask } from './task.ts';
import { fill } from './template.ts';
import { timestampOf } from './timestamp.ts';

/**
 * Runs a flow to its end. Rejects with `FlowFailed`; when `signal` aborts, with its error `Aborted`, after which no
 * state is entered any more. `name` is the execution's, and should not have been used before.
 */
export async function execute(
  engine: Engine,
  flow: FlowDefinition,
  input: Json,
  options: { readonly name: string; readonly signal?: AbortSignal },
): Promise<Json> {
  const signal = options.signal ?? new AbortController().signal;
  try {
    signal.throwIfAborted();
    return await withinSignal(signal, (own) =>
      runFlow({ engine, signal: own.signal }, flow, options.name, input),
    );
  } catch (thrown) {
    if (signal.aborted) throw new FlowFailed(flow.name, 'Aborted', String(signal.reason));
    if (thrown instanceof TaskError) throw new FlowFailed(flow.name, thrown.error, thrown.cause);
    throw thrown;
  }
}

function runFlow(
  { engine, signal }: Pick<Place, 'engine' | 'signal'>,
  flow: FlowDefinition,
  name: string,
  input: Json,
): Promise<Json> {
  const id = executionArn(flow.name, name);
  const execution = { flow: flow.name, name, id, startTime: timeText(engine), input };
  return runExecution({ engine, signal, execution, item: undefined }, flow.machine, input);
}

async function runExecution(place: Place, machine: Machine, input: Json): Promise<Json> {
  tell(place, { kind: 'started' });
  try {
    const output = await withinTime(place.engine, place.signal, machine.timeoutSeconds, (signal) =>
      runMachine({ ...place, signal }, machine, input),
    );
    tell(place, { kind: 'succeeded' });
    return output;
  } catch (thrown) {
    const { error, cause } =
      thrown instanceof TaskError ? thrown : { error: 'Aborted', cause: String(thrown) };
    tell(place, { kind: 'failed', error, cause });
    throw thrown;
  }
}

async function runMachine(place: Place, machine: Machine, input: Json): Promise<Json> {
  let name: string | undefined = machine.startAt;
  let value = input;
  while (name !== undefined) {
    place.signal.throwIfAborted();
    const state = machine.states.get(name);
    if (!state) throw runtimeError(`there is no state '${name}'`);
    tell(place, { kind: 'state-entered', state: name });
    const outcome: Outcome = await step(place, state, withinLimit(value, `the input of ${name}`));
    value = withinLimit(outcome.output, `the output of ${name}`);
    tell(place, { kind: 'state-exited', state: name });
    name = outcome.next;
  }
  return value;
}

function step(place: Place, state: State, input: Json): Promise<Outcome> {
  switch (state.kind) {
    case 'Task':
      return attempt(place, state, input, (visit, effective) =>
        runTask(place, state, visit, effective, runFlow),
      );
    case 'Parallel':
      return attempt(place, state, input, (visit, effective) => runParallel(place, state, visit, effective));
    case 'Map':
      return attempt(place, state, input, (visit, effective) =>
        runMap(place, state, visit, effective, { machine: runMachine, execution: runExecution }),
      );
    default:
      return simpleStep(place, state, input);
  }
}

async function runParallel(place: Place, state: ParallelState, visit: Visit, input: Json): Promise<Json> {
  const { branches, parameters } = state;
  const given = parameters ? fill(parameters, scopeOf(place, visit, input)) : input;
  return fanOut(place.signal, branches.length, branches.length, (index, signal) =>
    runMachine({ ...place, signal }, branches[index]!, given),
  );
}

type SimpleState = Exclude<State, { readonly kind: 'Task' | 'Parallel' | 'Map' }>;

async function simpleStep(place: Place, state: SimpleState, input: Json): Promise<Outcome> {
  const visit = { state: state.name, entered: timeText(place.engine), retry: 0 };
  if (state.kind === 'Fail') throw failureOf(state, scopeOf(place, visit, input));
  const effective = effectiveInput(place, visit, state.inputPath, input);
  const scope = scopeOf(place, visit, effective);
  const through = (output: Json, next: string | undefined): Outcome => ({
    output: throughOutputPath(place, visit, state.outputPath, output),
    next,
  });
  switch (state.kind) {
    case 'Succeed':
      return through(effective, undefined);
    case 'Pass': {
      const given = state.parameters ? fill(state.parameters, scope) : effective;
      return through(withResult(input, state.resultPath, state.result ?? given), state.next);
    }
    case 'Choice': {
      const chosen = state.choices.find(({ rule }) => holds(rule, scope))?.next ?? state.otherwise;
      if (chosen === undefined) {
        throw new TaskError(
          'States.NoChoiceMatched',
          `no rule of ${state.name} holds, and it has no Default`,
        );
      }
      return through(effective, chosen);
    }
    case 'Wait':
      await place.engine.sleep(waitMs(state, scope, place.engine.now()), place.signal);
      place.signal.throwIfAborted();
      return through(effective, state.next);
  }
}

function failureOf(state: FailState, scope: Scope): TaskError {
  const [error, cause] = [evaluate(state.error, scope), evaluate(state.cause, scope)];
  if (typeof error === 'string' && typeof cause === 'string') return new TaskError(error, cause);
  const given = JSON.stringify({ error, cause }).slice(0, 500);
  return runtimeError(`Error and Cause of ${state.name} must be strings, found ${given}`);
}

function waitMs({ until }: WaitState, scope: Scope, now: number): number {
  if (until.kind === 'seconds') return quantityOf(until.seconds, scope) * 1000;
  const given = until.kind === 'timestamp' ? until.timestamp : valueAt(until.path, scope);
  const time = timestampOf(given);
  if (time === undefined) {
    throw runtimeError(`a time such as 2016-03-14T01:59:00Z is needed, found ${JSON.stringify(given)}`);
  }
  return Math.max(0, time - now);
}
