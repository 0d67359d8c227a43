import type { Json } from '../../core/json.ts';
import { messageOf } from '../../core/steps/job.ts';
import { fanOut, unlessAborted } from './abort.ts';
import { runtimeError, TaskError } from './errors.ts';
import { valueAt } from './expression.ts';
import type { DistributedMode, Machine, MapState } from './flow.ts';
import { isArray, isObject, type Scope } from './json-path.ts';
import { type Execution, executionArn, type Place, scopeOf, tell, timeText, type Visit } from './place.ts';
import { quantityOf } from './quantity.ts';
import { fill } from './template.ts';

/** Runs a machine; within a new execution, started and ended for all to see, or as a part of its parent's. */
export type RunMachine = (place: Place, machine: Machine, input: Json) => Promise<Json>;

/** Step Functions runs at most so many items of one Map at once. */
const mostInline = 40;
const mostDistributed = 10_000;

/**
 * Runs the processor for each item, and gives the outputs in the items' order. A distributed Map leaves out those of
 * tolerated failures; one with a ResultWriter gives null.
 */
export async function runMap(
  place: Place,
  state: MapState,
  visit: Visit,
  input: Json,
  run: { readonly machine: RunMachine; readonly execution: RunMachine },
): Promise<Json> {
  const scope = scopeOf(place, visit, input);
  const { mode } = state;
  if (mode.kind === 'distributed' && mode.writer) fill(mode.writer, scope);
  const items = await itemsOf(place, state, scope);
  const asked = quantityOf(state.maxConcurrency, scope) || Infinity;
  tell(place, { kind: 'map-started', state: state.name, items: items.length });
  const failed = mode.kind === 'distributed' ? failureCounter(mode, scope, items.length) : undefined;
  const most = mode.kind === 'distributed' ? mostDistributed : mostInline;
  const outputs = await fanOut(place.signal, items.length, Math.min(asked, most), async (index, signal) => {
    const item = { Index: index, Value: items[index] ?? null };
    tell(place, { kind: 'item-started', state: state.name, index });
    const itemScope = scopeOf({ ...place, item }, visit, input);
    const chosen = state.selector ? fill(state.selector, itemScope) : item.Value;
    try {
      const output =
        mode.kind === 'distributed'
          ? await run.execution(childPlace(place, mode, index, chosen, signal), state.processor, chosen)
          : await run.machine({ ...place, signal, item }, state.processor, chosen);
      tell(place, { kind: 'item-done', state: state.name, index });
      return output;
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof TaskError)) throw thrown;
      const { error, cause } = thrown;
      tell(place, { kind: 'item-failed', state: state.name, index, error, cause });
      if (!failed) throw thrown;
      failed(thrown);
      return undefined;
    }
  });
  if (mode.kind === 'distributed' && mode.writer) return null;
  return outputs.filter((output) => output !== undefined);
}

async function itemsOf(place: Place, state: MapState, scope: Scope): Promise<readonly Json[]> {
  if (state.items.kind === 'path') {
    const items = valueAt(state.items.path, scope);
    if (isArray(items)) return items;
    throw runtimeError(
      `'${state.items.path.text}' must give an array, found ${JSON.stringify(items).slice(0, 200)}`,
    );
  }
  const parameters = fill(state.items.parameters, scope);
  const { Bucket: bucket, Key: key } = isObject(parameters) ? parameters : {};
  if (typeof bucket !== 'string' || typeof key !== 'string') {
    throw runtimeError(`Bucket and Key must be strings, found ${JSON.stringify(parameters)}`);
  }
  return (await readItems(place, bucket, key)).slice(0, state.items.maxItems);
}

async function readItems(place: Place, bucket: string, key: string): Promise<readonly Json[]> {
  const failure = (why: string) => new TaskError('States.ItemReaderFailed', `s3://${bucket}/${key} ${why}`);
  let items: Json;
  try {
    const bytes = await unlessAborted(place.signal, place.engine.readObject(bucket, key));
    if (bytes === undefined) throw failure('does not exist');
    items = JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch (thrown) {
    place.signal.throwIfAborted();
    throw thrown instanceof TaskError ? thrown : failure(`cannot be read: ${String(thrown)}`);
  }
  if (!isArray(items)) throw failure('holds no JSON array');
  return items;
}

/** Throws once more items failed than the Map tolerates; where it says nothing, it tolerates none. */
function failureCounter(mode: DistributedMode, scope: Scope, items: number): (failure: TaskError) => void {
  const { toleratedPercentage, toleratedCount } = mode;
  const percentage =
    toleratedPercentage && quantityOf(toleratedPercentage, scope, { most: 100, whole: false });
  const count = toleratedCount && quantityOf(toleratedCount, scope);
  const most = Math.min(
    percentage === undefined ? Infinity : (percentage / 100) * items,
    count ?? (percentage === undefined ? 0 : Infinity),
  );
  let failed = 0;
  return ({ error, cause }) => {
    failed += 1;
    if (failed <= most) return;
    const message = `${failed} of ${items} items failed; tolerated are ${most}. The last: ${error}: ${messageOf(cause)}`;
    throw new TaskError('States.ExceedToleratedFailureThreshold', message);
  };
}

/** An item of a distributed Map has an execution of its own, which knows nothing of the Map. */
function childPlace(
  place: Place,
  mode: DistributedMode,
  index: number,
  input: Json,
  signal: AbortSignal,
): Place {
  const flow = `${place.execution.flow}/${mode.label}`;
  const name = `${place.execution.name}:${index}`;
  const execution: Execution = {
    ...{ flow, name, id: executionArn(flow, name) },
    ...{ startTime: timeText(place.engine), input },
  };
  return { engine: place.engine, execution, signal, item: undefined };
}
