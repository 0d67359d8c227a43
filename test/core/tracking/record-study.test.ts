import { describe, expect, it } from 'vitest';
import type { Trial } from '../../../core/contracts/study.ts';
import type { ColumnProfile } from '../../../core/tables/profile.ts';
import { recordStudy } from '../../../core/tracking/record-study.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { conclusion, dataset, study, trials } from '../../support/tracking-examples.ts';

const records = { study, trials, dataset, conclusion };
const running: Trial = {
  number: 0,
  params: trials[0]?.params ?? {},
  state: 'waiting',
  rungs: trials[0]?.rungs.slice(0, 1) ?? [],
  startedAt: study.createdAt,
};

async function recorded(...steps: Parameters<typeof recordStudy>[1][]) {
  const tracker = new FakeTracker();
  for (const step of steps) await recordStudy(tracker, step);
  const named = (name: string) => tracker.runs.find((run) => run.name === name);
  return { tracker, named };
}

describe('recordStudy', () => {
  it('makes a parent run of the study and a nested run of each trial', async () => {
    const tracker = new FakeTracker();
    const { runId, trialRuns } = await recordStudy(tracker, records);
    expect(tracker.runs.map(({ name }) => name)).toEqual([
      study.study,
      'trial-0',
      'trial-1',
      'trial-2',
      'trial-3',
    ]);
    expect(tracker.run(runId).name).toBe(study.study);
    expect(Object.keys(trialRuns)).toEqual(['0', '1', '2', '3']);
    for (const id of Object.values(trialRuns)) expect(tracker.run(id).tags['mlflow.parentRunId']).toBe(runId);
    expect(tracker.run(trialRuns[2] ?? '').tags['fanfare.trial']).toBe('delay-0123456789ab/2');
  });

  it('logs the metric once a step, and at the resource the value that ONNX Runtime computed', async () => {
    const { named } = await recorded(records);
    const steps = named('trial-0')?.metrics.map(({ key, step, value }) => [
      key,
      step,
      Number(value.toFixed(6)),
    ]);
    expect(steps).toEqual([
      ['auc', 3, 0.64],
      ['auc', 6, 0.67],
      ['auc', 9, 0.7],
      ['auc', 12, 0.65],
      ['auc', 15, 0.68],
      ['auc', 27, 0.8],
    ]);
  });

  it('logs the other metrics of a trial at each rung, and those of the best trial on the parent', async () => {
    const told = trials.map((trial) => ({
      ...trial,
      rungs: trial.rungs.map((rung) => ({
        ...rung,
        outcome: { ...rung.outcome, metrics: { ...rung.outcome.metrics, accuracy: rung.outcome.value / 2 } },
      })),
    }));
    const best = { ...conclusion.best, metrics: { auc: 0.8, accuracy: 0.4 } };
    const { named } = await recorded({
      ...records,
      study: { ...study, metrics: ['auc', 'accuracy'] },
      trials: told,
      conclusion: { ...conclusion, best },
    });
    const values = (name: string) =>
      named(name)?.metrics.flatMap(({ key, step, value }) => (key === 'accuracy' ? [[step, value]] : []));
    expect(values('trial-0')).toEqual([
      [9, 0.35],
      [27, 0.4],
    ]);
    expect(values(study.study)).toEqual([[27, 0.4]]);
    expect(named(study.study)?.params).toMatchObject({ metrics: 'auc, accuracy', task: 'binary: 0, 1' });
  });

  it('tells how each trial ended', async () => {
    const { named } = await recorded(records);
    const ends = ['trial-0', 'trial-1', 'trial-2'].map((name) => [
      named(name)?.status,
      named(name)?.tags['fanfare.state'],
    ]);
    expect(ends).toEqual([
      ['FINISHED', 'complete'],
      ['KILLED', 'pruned'],
      ['FAILED', 'failed'],
    ]);
    expect(named('trial-2')?.tags['fanfare.error']).toBe('TrainableFailed: the loss became NaN');
    expect(named('trial-2')?.endedAt).toBe(study.createdAt + 300);
  });

  it('tells on the parent what was searched and what came of it', async () => {
    const { named } = await recorded(records);
    const parent = named(study.study);
    expect(parent?.params).toMatchObject({
      trainable: 'gbdt',
      direction: 'maximize',
      seed: '7',
      scheduler: 'asha, eta 3',
      rungs: '9, 27 rounds',
      target: 'delay > 15',
      space: 'learning_rate: 0.01 to 0.3 (log); leaves: 8 to 255 (integer); booster: plain | dart',
    });
    expect(parent?.tags).toMatchObject({
      'best.leaves': '31',
      'fanfare.trials': '4',
      'fanfare.sampler': 'random',
    });
    expect(parent?.metrics.map(({ key, value, step }) => [key, value, step])).toEqual([
      ['auc', 0.8, 27],
      ['trials_complete', 2, 0],
      ['trials_pruned', 1, 0],
      ['trials_failed', 1, 0],
    ]);
    expect(parent).toMatchObject({ status: 'FINISHED', endedAt: conclusion.endedAt });
    expect(parent?.tags['mlflow.note.content']?.split('\n').slice(6)).toEqual([
      '| 0 | 0.80000 | 27 | complete | learning_rate 0.1, leaves 31, booster plain |',
      '| 3 | 0.75000 | 27 | complete | learning_rate 0.1, leaves 64, booster plain |',
      '| 1 | 0.60000 | 9 | pruned | learning_rate 0.1, leaves 8, booster plain |',
    ]);
    expect(parent?.datasets).toMatchObject([
      { name: 'flights/train', digest: 'ba9876543210', context: 'training' },
      { name: 'flights/validation', digest: 'ba9876543210', context: 'validation' },
    ]);
  });

  it('links from the parent to the best trials side by side, and to all of them', async () => {
    const { named } = await recorded(records);
    const links = [...(named(study.study)?.tags['mlflow.note.content'] ?? '').matchAll(/\]\(([^)]+)\)/g)];
    const [compare, all] = links.map(([, path]) => new URLSearchParams(path?.replace(/^.*\?/, '')));
    const ids = ['trial-0', 'trial-3', 'trial-1'].map((name) => named(name)?.id);
    expect(links.map(([, path]) => path?.replace(/\?.*$/, ''))).toEqual([
      '#/compare-runs',
      '#/experiments/1/runs',
    ]);
    expect(JSON.parse(compare?.get('runs') ?? '')).toEqual(ids);
    expect(JSON.parse(compare?.get('experiments') ?? '')).toEqual(['1']);
    expect(all?.get('searchFilter')).toBe(
      "tags.`fanfare.study` = 'delay-0123456789ab' and tags.`fanfare.kind` = 'trial'",
    );
  });

  it('puts the front of several objectives first, with each of their values', async () => {
    const also = [{ metric: 'log_loss', direction: 'minimize' }] as const;
    const told = trials.map((trial) => ({
      ...trial,
      rungs: trial.rungs.map((rung) => {
        const metrics = { ...rung.outcome.metrics, log_loss: rung.outcome.value / 2 };
        return { ...rung, outcome: { ...rung.outcome, metrics } };
      }),
    }));
    const on = (trial: number) => ({
      trial,
      values: { auc: 0.75, log_loss: 0.375 },
      resource: 27,
      model: null,
    });
    const front: NonNullable<typeof conclusion.front> = [on(3), on(1)];
    const { named } = await recorded({
      ...{ study: { ...study, also: [...also] }, trials: told, dataset },
      conclusion: { ...conclusion, front },
    });
    const lines = named(study.study)?.tags['mlflow.note.content']?.split('\n') ?? [];
    expect(lines[0]).toContain('No other is better than 2 of them.');
    expect(lines.slice(4)).toEqual([
      '| trial | auc | log_loss | rounds | state | params |',
      '|---:|---:|---:|---:|---|---|',
      '| 3 | 0.75000 | 0.375000 | 27 | complete, on the front | learning_rate 0.1, leaves 64, booster plain |',
      '| 1 | 0.60000 | 0.300000 | 9 | pruned, on the front | learning_rate 0.1, leaves 8, booster plain |',
      '| 0 | 0.80000 | 0.400000 | 27 | complete | learning_rate 0.1, leaves 31, booster plain |',
    ]);
  });

  it('asks for the profiles of the data once, and tells what its columns hold', async () => {
    const tracker = new FakeTracker();
    const column: ColumnProfile = {
      kind: 'categories',
      name: 'origin',
      type: 'string',
      missing: 2,
      categories: {
        zeros: 0,
        counts: [
          ['ABQ', 40],
          ['SFO', 28],
        ],
        others: 0,
      },
    };
    const profile = { rows: 70, columns: [column] };
    let asked = 0;
    const profiles = async () => {
      asked++;
      return { train: profile, validation: profile };
    };
    await recordStudy(tracker, { ...records, profiles });
    await recordStudy(tracker, { ...records, profiles });
    expect(asked).toBe(1);
    const [train] = tracker.runs[0]?.datasets ?? [];
    expect(JSON.parse(train?.profile ?? '')).toEqual({
      num_rows: 70,
      num_elements: 70,
      columns: { origin: { missing: 2, distinct: 2, top: { ABQ: 40, SFO: 28 } } },
    });
    expect(train?.schema.map(({ name, type }) => [name, type])).toEqual([
      ['distance', 'double'],
      ['hour', 'long'],
      ['origin', 'string'],
      ['delay', 'double'],
    ]);
  });

  it('says which params were cut or renamed', async () => {
    const params = { 'p[0]': 1, 'p(0)': 2, long: 'v'.repeat(7000) };
    const { named } = await recorded({ ...records, trials: [{ ...running, params }], conclusion: undefined });
    expect(named('trial-0')?.params).toMatchObject({ p_0_: '1', p_0__2: '2' });
    expect(named('trial-0')?.params.long).toHaveLength(6000);
    expect(named('trial-0')?.tags).toMatchObject({
      'fanfare.cut': 'long (7000 characters)',
      'fanfare.renamed': 'p_0_: p[0]\np_0__2: p(0)',
    });
  });

  it('stops where the time of the call is over, and goes on from there', async () => {
    const tracker = new FakeTracker();
    let looks = 0;
    await expect(recordStudy(tracker, records, () => ++looks <= 2)).rejects.toMatchObject({
      name: 'TrackerUnavailable',
      message: expect.stringMatching(/^\d of 4 trials of delay-0123456789ab are recorded, and the time/),
    });
    expect(tracker.runs).toHaveLength(3);
    await recordStudy(tracker, records);
    expect(tracker.runs).toHaveLength(5);
  });

  it('writes nothing the second time, and finds everything with one search', async () => {
    const { tracker } = await recorded(records);
    tracker.writes = [];
    tracker.reads = [];
    await recordStudy(tracker, records);
    expect(tracker.writes).toEqual([]);
    expect(tracker.reads).toEqual(['experiment', 'searchRuns']);
  });

  it('adds only what a trial has learnt since', async () => {
    const early = { study, trials: [running], dataset: undefined, conclusion: undefined };
    const { tracker, named } = await recorded(early);
    expect(named('trial-0')).toMatchObject({ status: 'RUNNING', tags: { 'fanfare.state': 'waiting' } });
    expect(named('trial-0')?.metrics).toHaveLength(3);
    await recordStudy(tracker, records);
    expect(named('trial-0')?.metrics).toHaveLength(6);
    expect(tracker.runs).toHaveLength(5);
  });

  it('deletes a run that MLflow made twice, since a killed writer had asked for it as well', async () => {
    const early = { study, trials: [running], dataset: undefined, conclusion: undefined };
    const { tracker } = await recorded(early);
    for (const { experimentId, name, startedAt, tags } of [...tracker.runs])
      await tracker.createRun({ experimentId, name, startedAt, tags });
    expect(tracker.runs).toHaveLength(4);
    const { runId } = await recordStudy(tracker, records);
    const names = tracker.runs.map(({ name }) => name);
    expect(names.toSorted()).toEqual(['trial-0', 'trial-1', 'trial-2', 'trial-3', study.study].toSorted());
    expect(tracker.runs.filter(({ status }) => status === 'RUNNING')).toEqual([]);
    const parents = tracker.runs.flatMap(({ tags }) => tags['mlflow.parentRunId'] ?? []);
    expect(new Set(parents)).toEqual(new Set([runId]));
  });

  it('ends as failed when every trial did', async () => {
    const failure = { error: 'TrainableFailed', cause: 'x', at: study.createdAt + 9 };
    const lost = [0, 1, 2, 3].map(
      (number): Trial => ({ ...running, number, state: 'failed', rungs: [], failure }),
    );
    const { named } = await recorded({ study, trials: lost, dataset: undefined, conclusion: undefined });
    expect(named(study.study)).toMatchObject({ status: 'FAILED', endedAt: study.createdAt + 9 });
  });

  it('keeps within the limits of a batch, whatever the size of a trial', async () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`p[${at}]`, 'v'.repeat(7000)]));
    const reports = Array.from({ length: 2500 }, (_, at) => ({ step: at + 1, value: 0.5 }));
    const [big] = running.rungs.map((rung) => ({
      ...rung,
      outcome: { ...rung.outcome, reports, resource: 2500 },
    }));
    const trial = { ...running, params: many, rungs: big === undefined ? [] : [big] };
    const { tracker, named } = await recorded({
      study,
      trials: [trial],
      dataset: undefined,
      conclusion: undefined,
    });
    expect(named('trial-0')?.metrics).toHaveLength(2500);
    expect(Object.keys(named('trial-0')?.params ?? {})).toHaveLength(250);
    expect(named('trial-0')?.params.p_0_?.length).toBe(6000);
    expect(tracker.writes.filter((name) => name === 'logBatch').length).toBeLessThan(8);
  });

  describe('of a study with folds', () => {
    const spread = { values: [0.6, 0.7, 0.8], std: 0.08 };
    const cut = {
      study: { ...study, folds: { count: 3, race: true } },
      trials: [
        { ...trials[0]!, rungs: [{ ...trials[0]!.rungs[0]!, spread }] },
        {
          ...trials[1]!,
          rungs: [],
          begun: { rung: 0, value: 0.4, spread: { values: [0.4, null, null], std: 0 }, at: 7 },
        },
      ],
      conclusion: { ...conclusion, best: { ...conclusion.best, value: 0.7, spread } },
      dataset,
    };
    const logged = async (name: string) => {
      const { named } = await recorded(cut);
      const metrics = named(name)?.metrics ?? [];
      return metrics.map(({ key, step, value }) => [key, step, Number(value.toFixed(6))]);
    };

    it('logs the mean, the deviation and each fold once a rung', async () => {
      expect((await logged('trial-0')).slice(2)).toEqual([
        ['fold_2_auc', 9, 0.8],
        ['auc', 3, 0.64],
        ['auc', 6, 0.67],
        ['auc', 9, 0.7],
        ['auc_std', 9, 0.08],
      ]);
    });

    it('goes on after what a trial had told when it was stopped', async () => {
      const { tracker, named } = await recorded({ ...cut, conclusion: undefined });
      const stopped = named('trial-1')!.metrics;
      const { begun: _, ...on } = cut.trials[1]!;
      const grown = [cut.trials[0]!, { ...on, state: 'complete' as const, rungs: cut.trials[0]!.rungs }];
      await recordStudy(tracker, { ...cut, trials: grown });
      const metrics = named('trial-1')!.metrics;
      expect(metrics.slice(0, stopped.length)).toEqual(stopped);
      expect(metrics.slice(stopped.length).map(({ key }) => key)).toEqual([
        'fold_1_auc',
        'fold_2_auc',
        'auc',
        'auc',
        'auc',
        'auc_std',
      ]);
    });

    it('logs of a trial that was stopped on its way the folds that it had, and no mean', async () => {
      expect(await logged('trial-1')).toEqual([['fold_0_auc', 9, 0.4]]);
    });

    it('tells on the parent how the best spread, and that there were folds', async () => {
      const { named } = await recorded(cut);
      expect(named(study.study)?.params).toMatchObject({ folds: '3, racing' });
      expect(named(study.study)?.tags['mlflow.note.content']).toContain('| 0 | 0.70000 ± 0.08000 | 9 |');
      expect((await logged(study.study)).slice(0, 3)).toEqual([
        ['auc', 27, 0.7],
        ['auc_std', 27, 0.08],
        ['fold_0_auc', 27, 0.6],
      ]);
    });
  });
});
