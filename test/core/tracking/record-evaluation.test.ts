import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../../core/contracts/records.ts';
import { recordEvaluation } from '../../../core/tracking/record-evaluation.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { digest, evaluation } from '../../support/tracking-examples.ts';

const old = 'cd'.repeat(32);
const other = 'ef'.repeat(32);

/** Versions 1 (old), 2 (other) and 3 (the candidate) of flight-delay; `holder` is the version that is champion. */
async function registry(holder: '1' | '2' | '3' | undefined): Promise<FakeTracker> {
  const tracker = new FakeTracker();
  await tracker.createRegisteredModel('flight-delay');
  for (const made of [old, other, digest]) {
    const tags = { 'fanfare.digest': made };
    await tracker.createVersion({
      name: 'flight-delay',
      modelId: `m-${made.slice(0, 2)}`,
      runId: 'run-1',
      description: '',
      tags,
    });
  }
  if (holder !== undefined) await tracker.setAlias('flight-delay', 'champion', holder);
  return tracker;
}

const against = (auc: number | undefined, model = old): Partial<Evaluation> => ({
  champion: { model, prediction: 'delay-bbbbbbbbbbbb', metrics: auc === undefined ? {} : { auc } },
});

const cases: [string, '1' | '2' | '3' | undefined, Partial<Evaluation>, string, string | undefined][] = [
  ['promotes the first model', undefined, {}, 'promoted', '3'],
  [
    'promotes where MLflow could not name a champion and has none now',
    undefined,
    { championKnown: false },
    'promoted',
    '3',
  ],
  [
    'waits where MLflow could not name the champion and has one now',
    '1',
    { championKnown: false },
    'undecided',
    '1',
  ],
  ['waits where a champion came since there was none', '1', {}, 'undecided', '1'],
  ['waits where another champion came than the one compared', '2', against(0.7), 'undecided', '2'],
  ['promotes what is better by more than the margin', '1', against(0.788), 'promoted', '3'],
  [
    'keeps the champion where the candidate is better by less than the margin',
    '1',
    against(0.7895),
    'kept',
    '1',
  ],
  ['keeps the champion where the candidate is worse', '1', against(0.8), 'kept', '1'],
  ['keeps the champion where the rows leave the metric undefined', '1', against(undefined), 'kept', '1'],
  [
    'counts downwards for a metric that is to be small',
    '1',
    { ...against(0.8), direction: 'minimize' },
    'promoted',
    '3',
  ],
  ['says promoted where the candidate is champion already', '3', against(0.8), 'promoted', '3'],
  ['promotes over a champion that lost its alias', undefined, against(0.8), 'promoted', '3'],
];

describe('recordEvaluation', () => {
  it.each(cases)('%s', async (_, holder, changed, decision, champion) => {
    const tracker = await registry(holder);
    const result = await recordEvaluation(tracker, { ...evaluation, ...changed });
    expect(result).toEqual({ decision, version: '3' });
    expect(tracker.registered.get('flight-delay')?.champion).toBe(champion);
    expect(tracker.runs).toMatchObject([{ status: decision === 'undecided' ? 'RUNNING' : 'FINISHED' }]);
  });

  it('logs the test metrics on a run that takes the model, and says why on the version', async () => {
    const tracker = await registry('1');
    await recordEvaluation(tracker, { ...evaluation, ...against(0.75) });
    const [run] = tracker.runs;
    expect(run?.inputs).toEqual(['m-ab']);
    expect(run?.metrics.map(({ key, value, modelId }) => [key, value, modelId])).toEqual([
      ['test_auc', 0.79, 'm-ab'],
      ['test_log_loss', 0.4, 'm-ab'],
      ['champion_test_auc', 0.75, undefined],
    ]);
    const reason = 'promoted to champion: auc 0.79000 on delay-aaaaaaaaaaaa, against 0.75000 of cdcdcdcdcdcd';
    expect(tracker.versions[2]?.description).toBe(`**Decision** ${reason}`);
    expect(run?.tags['mlflow.note.content']).toBe(`Version 3 of flight-delay: ${reason}.`);
    expect(tracker.versions[2]?.tags).toEqual({
      'fanfare.digest': digest,
      'fanfare.decision': 'promoted',
      'fanfare.decision.reason': reason,
      'fanfare.decision.metric': 'auc',
      'fanfare.decision.value': '0.79',
      'fanfare.decision.champion': old,
      'fanfare.decision.champion_value': '0.75',
      'fanfare.decision.margin': '0.001',
    });
  });

  it('tells why a version was not promoted, beside what a person wrote there', async () => {
    const tracker = await registry('1');
    await tracker.describeVersion('flight-delay', '3', 'Ours.\n\nSee ticket 7.');
    await recordEvaluation(tracker, { ...evaluation, ...against(0.7895) });
    const reason =
      'not promoted to champion: auc 0.79000 on delay-aaaaaaaaaaaa, against 0.78950 of cdcdcdcdcdcd; the margin is 0.001';
    expect(tracker.versions[2]?.description).toBe(`Ours.\n\nSee ticket 7.\n\n**Decision** ${reason}`);
    expect(tracker.versions[2]?.tags).toMatchObject({ 'fanfare.decision': 'kept' });
  });

  it('tells the latest decision alone, once there was another', async () => {
    const tracker = await registry('2');
    await recordEvaluation(tracker, { ...evaluation, ...against(0.7) });
    expect(tracker.versions[2]?.description).toContain('not compared with version 2');
    await tracker.setAlias('flight-delay', 'champion', '1');
    await recordEvaluation(tracker, { ...evaluation, ...against(0.7) });
    expect(tracker.versions[2]?.description).toMatch(/^\*\*Decision\*\* promoted to champion: [^*]+$/);
    expect(tracker.versions[2]?.tags).toMatchObject({ 'fanfare.decision': 'promoted' });
  });

  it('decides once: a later champion is not overthrown by recording again', async () => {
    const tracker = await registry(undefined);
    await recordEvaluation(tracker, evaluation);
    await tracker.setAlias('flight-delay', 'champion', '2');
    tracker.writes = [];
    expect(await recordEvaluation(tracker, evaluation)).toEqual({ decision: 'promoted', version: '3' });
    expect(tracker.writes).toEqual([]);
  });

  it('decides what was undecided once the champion that it was compared with is back', async () => {
    const tracker = await registry('2');
    await recordEvaluation(tracker, { ...evaluation, ...against(0.7) });
    await tracker.setAlias('flight-delay', 'champion', '1');
    const result = await recordEvaluation(tracker, { ...evaluation, ...against(0.7) });
    expect(result.decision).toBe('promoted');
    expect(tracker.runs).toHaveLength(1);
  });

  it('names the versions that there are when the candidate is none of them', async () => {
    const candidate = { ...evaluation.candidate, model: '12'.repeat(32) };
    await expect(recordEvaluation(await registry('1'), { ...evaluation, candidate })).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringContaining('There are: 3 (abababababab), 2 (efefefefefef), 1 (cdcdcdcdcdcd)'),
    });
  });
});
