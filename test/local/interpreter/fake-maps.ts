import type { Json } from '../../../core/json.ts';
import { TaskError } from '../../../local/interpreter/errors.ts';
import { type FakeFunction, fakeEngine, task, type World } from './fake-engine.ts';

type Members = Readonly<Record<string, Json>>;

export const inline = (state: Json, more: Members = {}): Json => ({
  ...{ Type: 'Map', End: true },
  ItemProcessor: { StartAt: 'Item', States: { Item: state } },
  ...more,
});

export const distributed = (state: Json, more: Members = {}): Json => ({
  ...{ Type: 'Map', End: true },
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    ...{ StartAt: 'Item', States: { Item: state } },
  },
  ...more,
});

export const working = task('work', { OutputPath: '$.Payload', End: true });

/** An engine whose one function takes as many seconds as its payload says, or fails after them where it is negative. */
export function timed(world: World = {}) {
  const running = { now: 0, most: 0, aborted: 0 };
  const work: FakeFunction = async (payload, engine, signal) => {
    running.now += 1;
    running.most = Math.max(running.most, running.now);
    await engine.sleep(Math.abs(Number(payload)) * 1000, signal);
    running.now -= 1;
    if (signal.aborted) running.aborted += 1;
    if (Number(payload) < 0) throw new TaskError('Negative', String(payload));
    return Number(payload) * 10;
  };
  return { engine: fakeEngine({ ...world, functions: { work } }), running };
}

export const reading = (more: Members = {}): Json =>
  distributed(working, {
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON', ...more },
      Parameters: { 'Bucket.$': '$.bucket', 'Key.$': '$.key' },
    },
  });
