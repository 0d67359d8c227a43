import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../../core/json.ts';
import { failureOf, run } from './fake-engine.ts';
import { distributed, inline, reading, timed, working } from './fake-maps.ts';

type Members = Readonly<Record<string, Json>>;

// The Map of the specification.
test('a Map gives each item the selected input, and collects the outputs in order', async () => {
  const input = {
    'ship-date': '2016-03-14T01:59:00Z',
    detail: {
      'delivery-partner': 'UQS',
      shipped: [
        { prod: 'R31', quantity: 1 },
        { prod: 'S39', quantity: 2 },
      ],
    },
  };
  const state = inline(
    { Type: 'Pass', End: true },
    {
      ...{ InputPath: '$.detail', ItemsPath: '$.shipped', ResultPath: '$.detail.shipped' },
      ItemSelector: {
        'parcel.$': '$$.Map.Item.Value',
        'index.$': '$$.Map.Item.Index',
        'courier.$': '$.delivery-partner',
      },
    },
  );
  expect(await run({ Ship: state }, input)).toMatchObject({
    'ship-date': '2016-03-14T01:59:00Z',
    detail: {
      shipped: [
        { parcel: { prod: 'R31', quantity: 1 }, index: 0, courier: 'UQS' },
        { parcel: { prod: 'S39', quantity: 2 }, index: 1, courier: 'UQS' },
      ],
    },
  });
});

test.each([
  ['inline', inline],
  ['distributed', distributed],
])('a Map (%s) over no items succeeds with no outputs', async (_, map) => {
  expect(await run({ A: map(working) }, [])).toEqual([]);
});

test('the outputs stand in the order of the items, whichever ends first', async () => {
  const { engine } = timed();
  expect(await run({ A: inline(working) }, [3, 1, 2], engine)).toEqual([30, 10, 20]);
  expect(engine.seconds()).toBe(3);
});

test.each<[Members, number]>([
  [{ MaxConcurrency: 1 }, 9],
  [{ MaxConcurrency: 2 }, 5],
  [{ MaxConcurrency: 0 }, 2],
  [{}, 2],
])('with %j five items of 1 or 2 seconds take %d', async (limit, seconds) => {
  const { engine } = timed();
  // At 2: 2 and 1 → the third begins at 1, the fourth at 2, the fifth at 3; the last ends at 5.
  const items = [2, 1, 2, 2, 2];
  await run({ A: distributed(working, { ItemsPath: '$', ...limit }) }, items, engine);
  expect(engine.seconds()).toBe(seconds);
});

test('MaxConcurrencyPath limits as well', async () => {
  const { engine, running } = timed();
  const state = distributed(working, { ItemsPath: '$.items', MaxConcurrencyPath: '$.lanes' });
  await run({ A: state }, { lanes: 3, items: Array.from({ length: 20 }, () => 1) }, engine);
  expect(running.most).toBe(3);
  expect(engine.seconds()).toBe(7);
});

test('no more than 40 items of an inline Map run at once', async () => {
  const { engine, running } = timed();
  await run(
    { A: inline(working) },
    Array.from({ length: 50 }, () => 1),
    engine,
  );
  expect(running.most).toBe(40);
});

test('for any items and limit: never more at once, every item once, in order', async () => {
  const seconds = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(seconds, fc.integer({ min: 1, max: 5 }), async (items, limit) => {
      const { engine, running } = timed();
      const outputs = await run({ A: distributed(working, { MaxConcurrency: limit }) }, items, engine);
      expect(outputs).toEqual(items.map((item) => item * 10));
      expect(running.most).toBe(Math.min(limit, items.length));
    }),
    { numRuns: 30 },
  );
});

test('one failed item fails an inline Map with its error, and aborts the rest', async () => {
  const { engine, running } = timed();
  const failure = await failureOf(run({ A: inline(working, { MaxConcurrency: 2 }) }, [9, -2, 5], engine));
  expect(failure).toEqual({ error: 'Negative', cause: '-2' });
  expect(engine.seconds()).toBe(2);
  expect(running.aborted).toBe(1);
  expect(engine.calls).toHaveLength(2);
});

test.each<[Members, readonly number[], boolean]>([
  [{}, [1, -1, 1, 1], false],
  [{ ToleratedFailureCount: 1 }, [1, -1, 1, 1], true],
  [{ ToleratedFailureCount: 1 }, [1, -1, -1, 1], false],
  [{ ToleratedFailurePercentage: 50 }, [1, -1, -1, 1], true],
  [{ ToleratedFailurePercentage: 49.9 }, [1, -1, -1, 1], false],
  [{ ToleratedFailurePercentage: 99.9 }, [-1, -1, -1, 1], true],
  [{ ToleratedFailurePercentage: 99.9 }, [-1, -1, -1, -1], false],
  [{ ToleratedFailurePercentage: 100 }, [-1, -1], true],
  [{ ToleratedFailurePercentage: 100, ToleratedFailureCount: 1 }, [-1, -1], false],
])('a distributed Map with %j over %j succeeds: %s', async (tolerance, items, succeeds) => {
  const { engine } = timed();
  const running = run({ A: distributed(working, tolerance) }, items, engine);
  if (succeeds) expect(await running).toEqual(items.filter((item) => item > 0).map((item) => item * 10));
  else expect((await failureOf(running)).error).toBe('States.ExceedToleratedFailureThreshold');
});

test('tolerances by path are read from the input', async () => {
  const { engine } = timed();
  const state = distributed(working, { ItemsPath: '$.items', ToleratedFailureCountPath: '$.most' });
  expect(await run({ A: state }, { items: [-1, 1], most: 1 }, engine)).toEqual([10]);
});

test('beyond its tolerance a Map aborts what runs and starts nothing more', async () => {
  const { engine, running } = timed();
  const state = distributed(working, { MaxConcurrency: 2, ToleratedFailureCount: 0 });
  await failureOf(run({ A: state }, [60, -1, 1, 1], engine));
  expect(engine.seconds()).toBe(1);
  expect(running.aborted).toBe(1);
  expect(engine.calls).toHaveLength(2);
});

test('ItemReader takes the items from a JSON array in the store', async () => {
  const { engine } = timed({ objects: { 'b/k.json': '[1, 2, 3]' } });
  expect(await run({ A: reading() }, { bucket: 'b', key: 'k.json' }, engine)).toEqual([10, 20, 30]);
  expect(await run({ A: reading({ MaxItems: 2 }) }, { bucket: 'b', key: 'k.json' }, engine)).toEqual([
    10, 20,
  ]);
});

test.each([
  ['none', 'does not exist'],
  ['object', 'holds no JSON array'],
  ['torn', 'cannot be read'],
])('a manifest (%s) that is no array of JSON is States.ItemReaderFailed', async (key, why) => {
  const { engine } = timed({ objects: { 'b/object': '{}', 'b/torn': '[1,' } });
  const failure = await failureOf(run({ A: reading() }, { bucket: 'b', key }, engine));
  expect(failure.error).toBe('States.ItemReaderFailed');
  expect(failure.cause).toContain(why);
});

test('items that are no array fail', async () => {
  expect((await failureOf(run({ A: inline(working) }, { a: 1 }))).error).toBe('States.Runtime');
});

test('a Map with a ResultWriter leaves its input as it was', async () => {
  const { engine } = timed();
  const writer = {
    Resource: 'arn:aws:states:::s3:putObject',
    Parameters: { Bucket: 'b', 'Prefix.$': '$$.Execution.Name' },
  };
  const state = distributed(working, { ItemsPath: '$.items', ResultWriter: writer, ResultPath: null });
  expect(await run({ A: state }, { items: [1] }, engine)).toEqual({ items: [1] });
});

test('an item of a distributed Map is an execution of its own, which does not see the Map', async () => {
  const name = {
    Type: 'Pass',
    Parameters: { 'n.$': '$$.Execution.Name', 'i.$': '$$.Execution.Input' },
    End: true,
  };
  const expected = [
    { n: 'run-1:0', i: 'x' },
    { n: 'run-1:1', i: 'y' },
  ];
  expect(await run({ A: distributed(name) }, ['x', 'y'])).toEqual(expected);
  const seeing = { Type: 'Pass', Parameters: { 'i.$': '$$.Map.Item.Index' }, End: true };
  expect(await run({ A: inline(seeing) }, ['x'])).toEqual([{ i: 0 }]);
  const failure = await failureOf(run({ A: distributed(seeing) }, ['x']));
  expect(failure.error).toBe('States.ExceedToleratedFailureThreshold');
  expect(failure.cause).toContain('States.Runtime');
});

test('an ItemSelector that finds nothing fails the Map itself, which no tolerance covers', async () => {
  const selector = { ItemSelector: { 'x.$': '$$.Map.Item.Value.x' }, ToleratedFailurePercentage: 100 };
  const failure = await failureOf(run({ A: distributed(working, selector) }, [{ x: 1 }, {}]));
  expect(failure.error).toBe('States.Runtime');
});

test('an Express child ends after five minutes', async () => {
  const { engine } = timed();
  const state = {
    ...{ Type: 'Map', End: true },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
      ...{ StartAt: 'Item', States: { Item: working } },
    },
  };
  expect((await failureOf(run({ A: state }, [301], engine))).cause).toContain('States.Timeout');
  expect(engine.seconds()).toBe(300);
});
