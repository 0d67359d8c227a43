import { describe, expect, it } from 'vitest';
import { recordPrediction } from '../../../core/tracking/record-prediction.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { dataset, digest, prediction } from '../../support/tracking-examples.ts';

async function register(tracker: FakeTracker): Promise<void> {
  await tracker.createRegisteredModel('flight-delay');
  const tags = { 'fanfare.digest': digest };
  await tracker.createVersion({
    name: 'flight-delay',
    modelId: 'm-1',
    runId: 'run-1',
    description: '',
    tags,
  });
}

describe('recordPrediction', () => {
  it('records the job as a run that names and takes the model version', async () => {
    const tracker = new FakeTracker();
    await register(tracker);
    const {
      run: { id: runId },
      version,
    } = await recordPrediction(tracker, prediction, dataset);
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
    const {
      run: { id: runId },
    } = await recordPrediction(tracker, prediction, dataset);
    expect(tracker.runs).toHaveLength(1);
    expect(tracker.run(runId)).toMatchObject({ params: { model_version: '1' }, inputs: ['m-1'] });
    expect(tracker.run(runId).metrics).toHaveLength(4);
  });

  it('tells on its page which version it used, why rows were rejected, and how far they drifted', async () => {
    const tracker = new FakeTracker();
    const example = { file: 'a.csv', row: 3, reason: '"x" is not a number' };
    const reasons = [{ column: 'dist|ance', reason: 'is not a number', rows: 1, example }];
    const {
      run: { id: runId },
    } = await recordPrediction(tracker, { ...prediction, reasons }, dataset);
    const note = () => tracker.run(runId).tags['mlflow.note.content']?.split('\n');
    expect(note()).toEqual([
      '14 of 15 rows predicted by the model abababababab, which no version was made of, 1 rejected.',
      '',
      '| column | why rejected | rows |',
      '|---|---|---:|',
      '| dist\\|ance | is not a number | 1 |',
      '',
      'Drift is not known: the model has no training profile.',
    ]);
    await register(tracker);
    await recordPrediction(tracker, { ...prediction, reasons }, dataset);
    expect(note()?.[0]).toBe(
      '14 of 15 rows predicted by [version 1 of flight-delay](#/models/flight-delay/versions/1), 1 rejected.',
    );
  });

  it('names a table that was not split by its last part', async () => {
    const tracker = new FakeTracker();
    const input = { kind: 'table', table: 's3://bucket/new/flights.csv' } as const;
    const {
      run: { id: runId },
    } = await recordPrediction(tracker, { ...prediction, input });
    expect(tracker.run(runId).datasets).toMatchObject([
      { name: 'flights.csv', digest: 'aaaaaaaaaaaa', context: 'inference' },
    ]);
  });

  it('records how far each column and the worst score have drifted, by names that MLflow takes', async () => {
    const tracker = new FakeTracker();
    const judged = (name: string, psi: number, level: 'stable' | 'major') => ({ name, psi, level });
    const file = { key: 'predictions/delay-aaaaaaaaaaaa/drift.json', rows: 14, bytes: 9, sha256: digest };
    const worst = [
      judged('dist@nce', 0.5, 'major'),
      judged('dist#nce', 0.3, 'major'),
      judged('day', 0.01, 'stable'),
    ];
    const scores = [judged('probability', 0.02, 'stable'), judged('other', 0.04, 'stable')];
    const counts = { columns: 3, moderate: 0, major: 2, rows: 14 };
    const drift = { kind: 'compared', level: 'major', ...counts, worst, scores, file } as const;
    const {
      run: { id: runId },
    } = await recordPrediction(tracker, { ...prediction, drift }, dataset);
    expect(tracker.run(runId).tags['fanfare.drift']).toBe('major');
    const metrics = new Map(tracker.run(runId).metrics.map(({ key, value }) => [key, value]));
    expect(metrics.get('psi.day')).toBe(0.01);
    expect(metrics.get('psi.score')).toBe(0.04);
    // Two names that MLflow cannot tell apart are one metric: the worse one.
    const plain = [...metrics].filter(([key]) => key.startsWith('psi.dist'));
    expect(plain.map(([, value]) => value)).toEqual([0.5]);
    expect(plain[0]![0]).toMatch(/^[\w.\-/ ]+$/);
  });
});
