import type { Json } from '../../core/json.ts';
import { TaskError } from './errors.ts';
import { valueAt } from './expression.ts';
import type { Fallible, Retrier } from './flow.ts';
import { type Path, writePath } from './json-path.ts';
import { type Place, scopeOf, tell, timeText, type Visit, withinLimit } from './place.ts';
import { fill } from './template.ts';

/** What a state leads to: the next state, or (undefined) the end of its machine. */
export interface Outcome {
  readonly output: Json;
  readonly next: string | undefined;
}

/**
 * Does the work of a Task, Parallel or Map: the input is filtered, the result put into its place, a failure repeated as
 * Retry says and then caught as Catch says. An abort is neither: it passes through.
 */
export async function attempt(
  place: Place,
  state: Fallible,
  input: Json,
  work: (visit: Visit, effective: Json) => Promise<Json>,
): Promise<Outcome> {
  const entered = timeText(place.engine);
  const used = new Map<Retrier, number>();
  for (let retry = 0; ; retry++) {
    try {
      const visit = { state: state.name, entered, retry };
      const effective = effectiveInput(place, visit, state.inputPath, input);
      const result = withinLimit(await work(visit, effective), `the result of ${state.name}`);
      return { output: outputOf(place, visit, state, input, result), next: state.next };
    } catch (thrown) {
      place.signal.throwIfAborted();
      if (!(thrown instanceof TaskError)) throw thrown;
      const { error, cause } = thrown;
      tell(place, { kind: 'state-failed', state: state.name, error, cause });
      const delay = delayBefore(state.retry, used, error, () => place.engine.random());
      if (delay === undefined) return caught(place, state, input, thrown);
      const delayMs = delay * 1000;
      tell(place, { kind: 'state-retried', state: state.name, retry: retry + 1, delayMs });
      await place.engine.sleep(delayMs, place.signal);
      place.signal.throwIfAborted();
    }
  }
}

export function effectiveInput(place: Place, visit: Visit, inputPath: Path | null, input: Json): Json {
  return inputPath === null ? {} : valueAt(inputPath, scopeOf(place, visit, input));
}

function outputOf(place: Place, visit: Visit, state: Fallible, input: Json, result: Json): Json {
  const selected = state.resultSelector ? fill(state.resultSelector, scopeOf(place, visit, result)) : result;
  return throughOutputPath(place, visit, state.outputPath, withResult(input, state.resultPath, selected));
}

export function throughOutputPath(place: Place, visit: Visit, outputPath: Path | null, output: Json): Json {
  return outputPath === null ? {} : valueAt(outputPath, scopeOf(place, visit, output));
}

/** The state's raw input with the result at its ResultPath. */
export function withResult(input: Json, resultPath: Path | null, result: Json): Json {
  if (resultPath === null) return input;
  const output = writePath(input, resultPath, result);
  if (output === undefined) {
    const given = JSON.stringify(input).slice(0, 500);
    throw new TaskError(
      'States.ResultPathMatchFailure',
      `nothing can stand at '${resultPath.text}' in ${given}`,
    );
  }
  return output;
}

/** Seconds to wait before the next attempt; undefined if there shall be none. */
function delayBefore(
  retriers: readonly Retrier[],
  used: Map<Retrier, number>,
  error: string,
  random: () => number,
): number | undefined {
  const retrier = retriers.find(({ errors }) => matches(errors, error));
  const before = retrier ? (used.get(retrier) ?? 0) : 0;
  if (!retrier || before >= retrier.maxAttempts) return undefined;
  used.set(retrier, before + 1);
  const delay = Math.min(retrier.intervalSeconds * retrier.backoffRate ** before, retrier.maxDelaySeconds);
  return retrier.jitter ? delay * random() : delay;
}

/** States.Runtime always fails the execution; States.DataLimitExceeded is matched by its own name alone. */
function matches(errors: readonly string[], error: string): boolean {
  if (error === 'States.Runtime') return false;
  if (errors.includes(error)) return true;
  if (error === 'States.DataLimitExceeded') return false;
  return (
    errors.includes('States.ALL') || (errors.includes('States.TaskFailed') && error !== 'States.Timeout')
  );
}

function caught(place: Place, state: Fallible, input: Json, failure: TaskError): Outcome {
  const catcher = state.catch.find(({ errors }) => matches(errors, failure.error));
  if (!catcher) throw failure;
  const output = withResult(input, catcher.resultPath, { Error: failure.error, Cause: failure.cause });
  tell(place, { kind: 'state-caught', state: state.name, next: catcher.next });
  return { output, next: catcher.next };
}
