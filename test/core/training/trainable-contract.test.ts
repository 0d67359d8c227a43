import { beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../../adapters/onnxruntime/load-model.ts';
import { openSession } from '../../../adapters/onnxruntime/session.ts';
import type { Batch, Column } from '../../../core/tables/batch.ts';
import { trainables } from '../../../core/trainables/registered.ts';
import { type Labelled, labelledBatches } from '../../../core/training/labelled.ts';
import type { Predicted, TrainingRun } from '../../../core/training/trainable.ts';
import { type Case, cases, contractBatch, contractTable, most, paramsOf, startIn } from './contract-world.ts';
import { memoryCache } from './tables.ts';

/** What every trainable of ours keeps to, on each task that it can do. Where a checkpoint goes to another process: `trainable-processes.slow.test.ts`. */

const never = (): boolean => false;

test('every registered trainable is tried on each of its tasks', () => {
  expect(Object.keys(trainables).length).toBeGreaterThan(0);
  for (const [name, trainable] of Object.entries(trainables)) {
    expect(trainable.name).toBe(name);
    expect(trainable.tasks.length).toBeGreaterThan(0);
    expect(cases.filter((each) => each.name === name)).toHaveLength(2 * trainable.tasks.length);
  }
});

describe.each(Object.keys(trainables))('the parameters of %s', (name) => {
  const { params } = trainables[name]!;

  test('have defaults, and those of the tests are allowed', () => {
    expect(params.safeParse({}).success).toBe(true);
    expect(params.safeParse(paramsOf(name)).success).toBe(true);
  });

  test('are no others than it knows', () => {
    const { error } = params.safeParse({ no_such_parameter: 1 });
    expect(error?.issues.map(({ message }) => message).join()).toContain('no_such_parameter');
  });
});

describe.each(cases)('$name for $kind, weighted: $weighted', (on) => {
  let cache: ReturnType<typeof memoryCache>;
  let whole: Made;
  beforeAll(async () => {
    cache = await prepared(on);
    const run = await startIn(cache, on);
    await run.advance(most, never);
    whole = await made(run);
  });

  test('is prepared and trained to the same bytes again', async () => {
    const again = await prepared(on);
    expect([...again.objects.keys()].toSorted()).toEqual([...cache.objects.keys()].toSorted());
    for (const [key, bytes] of cache.objects) expect(isSame(again.objects.get(key), bytes), key).toBe(true);
    const run = await startIn(again, on);
    await run.advance(most, never);
    expectSame(await made(run), whole);
  });

  test('goes on from a checkpoint bit for bit', async () => {
    for (const stop of [1, 3]) {
      const first = await startIn(cache, on);
      await first.advance(stop, never);
      const resumed = await startIn(cache, on, { checkpoint: await first.checkpoint() });
      expect(resumed.resource).toBe(first.resource);
      await resumed.advance(most, never);
      expectSame(await made(resumed), whole);
    }
  });

  test('stops when its time is up, and comes to the same in many invocations', async () => {
    let checkpoint: Uint8Array | undefined;
    let run: TrainingRun;
    let invocations = 0;
    do {
      run = await startIn(cache, on, { checkpoint });
      await run.advance(most, () => true);
      checkpoint = await run.checkpoint();
      invocations++;
    } while (run.resource < whole.resource && !run.ended && invocations < 1000);
    // A trainable that has all in one unit has no more to give.
    expect(invocations).toBeGreaterThanOrEqual(whole.resource > 1 ? 2 : 1);
    expectSame(await made(run), whole);
  });

  test('says of the validation rows what its file says in ONNX Runtime, to 1e-6', async () => {
    const { predictions, labels } = whole.validated;
    const rows = await validationRows(on);
    expect(labels.length).toBeGreaterThan(0);
    expect([...labels]).toEqual([...rows.labels].slice(0, labels.length));
    const exported = await predictionsOf(whole.model, rows.batch, on);
    const width = on.kind === 'multiclass' ? 3 : 1;
    expect(predictions).toHaveLength(labels.length * width);
    // A probability is at most 1; numbers are as exact as the largest of them is in float32.
    const scale = predictions.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    for (const [at, own] of predictions.entries()) {
      const apart = Math.abs(own - exported[at]!) / scale;
      expect(apart, `row ${Math.floor(at / width)}`).toBeLessThanOrEqual(1e-6);
    }
  });

  test('gives the weights of the validation rows where they have some', async () => {
    const { weights, labels } = whole.validated;
    const given = (await validationRows(on)).weights?.slice(0, labels.length);
    expect(weights && [...weights]).toEqual(given && [...given]);
    expect(weights !== undefined).toBe(on.weighted);
  });

  test('predicts rows of categories that it never saw, of missing values alone, and of extremes', async () => {
    const exported = await predictionsOf(whole.model, oddRows(on), on);
    for (const value of exported) {
      expect(Number.isFinite(value)).toBe(true);
      if (on.kind !== 'regression') expect(value).toBeGreaterThanOrEqual(0);
      if (on.kind !== 'regression') expect(value).toBeLessThanOrEqual(1);
    }
    const width = on.kind === 'multiclass' ? 3 : 1;
    expect(exported.length).toBe(width * oddRows(on).rows);
  });

  test('is a model that ONNX Runtime loads without us', async () => {
    const session = await openSession(whole.model, 1);
    expect(session.inputs.length).toBeGreaterThan(0);
    await session.release();
  });

  test('refuses a checkpoint that is none, and one that was cut off', async () => {
    for (const checkpoint of [
      new TextEncoder().encode('no checkpoint at all'),
      whole.checkpoint.slice(0, -5),
    ])
      await expect(startIn(cache, on, { checkpoint })).rejects.toThrow();
  });
});

test.each(cases.filter(({ weighted }) => weighted))(
  '$name for $kind learns something else without the weights',
  async (on) => {
    const models = [on, { ...on, weighted: false }].map(async (each) => {
      const run = await startIn(await prepared(each), each);
      await run.advance(most, never);
      return (await made(run)).model;
    });
    const [weighted, plain] = await Promise.all(models);
    expect(isSame(weighted, plain!)).toBe(false);
  },
);

interface Made {
  readonly resource: number;
  readonly checkpoint: Uint8Array;
  readonly model: Uint8Array;
  readonly validated: Predicted;
}

async function made(run: TrainingRun): Promise<Made> {
  const checkpoint = await run.checkpoint();
  const model = await run.toOnnx();
  const validated = await run.validate();
  if (model === undefined || 'value' in validated) throw new Error('a trainable of ours makes a model');
  return { resource: run.resource, checkpoint, model, validated };
}

function expectSame(one: Made, other: Made): void {
  expect(one.resource).toBe(other.resource);
  expect(isSame(one.checkpoint, other.checkpoint), 'the checkpoint').toBe(true);
  expect(isSame(one.model, other.model), 'the model').toBe(true);
  expect(isSame(one.validated.predictions, other.validated.predictions), 'the predictions').toBe(true);
}

/** Byte for byte; much faster than `toEqual`. */
const isSame = (a: ArrayBufferView | undefined, b: ArrayBufferView): boolean =>
  a !== undefined && bytesOf(a).equals(bytesOf(b));
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);

async function prepared(on: Case) {
  const cache = memoryCache();
  await trainables[on.name]!.prepare(contractTable(on), cache);
  return cache;
}

async function validationRows(on: Case): Promise<Labelled> {
  for await (const rows of labelledBatches(contractTable(on), 'validation')) return rows;
  throw new Error('there is one batch');
}

async function predictionsOf(file: Uint8Array, batch: Batch, { kind }: Case): Promise<Float32Array> {
  const model = await loadModel(file);
  const name = kind === 'regression' ? 'prediction' : 'probability';
  const { [name]: values } = await model.run(batch, [name]);
  await model.release();
  return values as Float32Array;
}

/** As validation rows are, but of strange values. */
function oddRows({ kind }: Case): Batch {
  const { fields, columns } = contractBatch(kind, 300, 9);
  return {
    rows: 3,
    fields,
    columns: columns.map((column) => {
      // A model that never saw one missing need not take one.
      const valid = column.valid && Uint8Array.of(1, 0, 1);
      switch (column.type) {
        case 'string':
          return { ...column, dictionary: ['never seen', ''], codes: Int32Array.of(0, 0, 1), valid };
        case 'float':
          return { ...column, values: Float64Array.of(1e30, column.valid ? Number.NaN : 0, -1e30), valid };
        case 'integer':
          return { ...column, values: BigInt64Array.of(2n ** 40n, 0n, -(2n ** 40n)), valid };
        default:
          return { ...column, values: column.values.slice(0, 3), valid } as Column;
      }
    }),
  };
}
