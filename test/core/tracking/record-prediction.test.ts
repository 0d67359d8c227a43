import { describe, expect, it } from 'vitest';
import { recordPrediction } from '../../../core/tracking/record-prediction.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { dataset, digest, prediction } from '../../support/tracking-examples.ts';

async function register(tracker: FakeTracker): Promise<void> {
  await tracker.createRegisteredModel('flight-delay');
  const tags = { 'fanfare.digest': digest };
  await tracker.createVersion({ name: 'flight-delay', modelId: 'm-1', runId: 'run-1', tags });
}

describe('recordPrediction', () => {
  it('records the job as a run that names and takes the model version', async () => {
    const tracker = new FakeTracker();
    await register(tracker);
    const { runId, version } = await recordPrediction(tracker, prediction, dataset);
    expect(version).toBe('1');
    expect(tracker.run(runId)).toMatchObject({
      name: 'delay-aaaaaaaaaaaa',
      status: 'FINISHED',
      endedAt: prediction.committedAt,
      params: { model_name: 'flight-delay', model_version: '1', model_digest: digest, format: 'parquet' },
      inputs: ['m-1'],
      datasets: [{ name: 'flights/test', digest: 'ba9876543210', context: 'inference' }],
    });
    const metrics = tracker.run(runId).metrics.map(({ key, value }) => [key, value]);
    expect(metrics).toEqual([
      ['rows', 15],
      ['predicted', 14],
      ['rejected', 1],
      ['seconds', 2.5],
    ]);
  });

  it('finds the version by the file alone where the job has no name for it', async () => {
    const tracker = new FakeTracker();
    await register(tracker);
    const { version } = await recordPrediction(tracker, { ...prediction, modelName: null });
    expect(version).toBe('1');
  });

  it('fills in the version when the model is registered later', async () => {
    const tracker = new FakeTracker();
    expect((await recordPrediction(tracker, prediction, dataset)).version).toBeUndefined();
    await register(tracker);
    const { runId } = await recordPrediction(tracker, prediction, dataset);
    expect(tracker.runs).toHaveLength(1);
    expect(tracker.run(runId)).toMatchObject({ params: { model_version: '1' }, inputs: ['m-1'] });
    expect(tracker.run(runId).metrics).toHaveLength(4);
  });

  it('names a table that was not split by its last part', async () => {
    const tracker = new FakeTracker();
    const input = { kind: 'table', table: 's3://bucket/new/flights.csv' } as const;
    const { runId } = await recordPrediction(tracker, { ...prediction, input });
    expect(tracker.run(runId).datasets).toEqual([
      { name: 'flights.csv', digest: 'aaaaaaaaaaaa', context: 'inference' },
    ]);
  });
});
