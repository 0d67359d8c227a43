import { describe, expect, it } from 'vitest';
import { recordEvaluation } from '../../../core/tracking/record-evaluation.ts';
import { recordPrediction } from '../../../core/tracking/record-prediction.ts';
import { recordStudy } from '../../../core/tracking/record-study.ts';
import { registerModel } from '../../../core/tracking/register-model.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import {
  card,
  conclusion,
  dataset,
  evaluation,
  prediction,
  profile,
  study,
  trials,
} from '../../support/tracking-examples.ts';

/** The whole pipeline's records, as the aggregator sends them: while it runs, and at its end. */
async function recordAll(tracker: FakeTracker): Promise<void> {
  await recordStudy(tracker, { study, trials: trials.slice(0, 2), dataset, conclusion: undefined });
  const runs = await recordStudy(tracker, { study, trials, dataset, conclusion });
  await registerModel(tracker, { study, conclusion, card, model: new Uint8Array([1, 2, 3]), profile, runs });
  await recordPrediction(tracker, prediction, dataset);
  await recordEvaluation(tracker, evaluation);
}

/** What a person sees in MLflow. */
const seen = ({ experiments, runs, models, versions, registered }: FakeTracker) => ({
  experiments: [...experiments],
  runs,
  models: models.map((model) => ({ ...model, files: [...model.files.keys()].toSorted() })),
  versions,
  registered: [...registered],
});

/** The same where a second run, model or version may have been made and deleted: by what they are, not by their numbers. */
function told(tracker: FakeTracker) {
  const { runs, models, versions, registered } = seen(tracker);
  const what = ({ tags }: { readonly tags: Readonly<Record<string, string>> }) =>
    tags['fanfare.trial'] ??
    tags['fanfare.study'] ??
    tags['fanfare.prediction'] ??
    tags['fanfare.evaluation'] ??
    '';
  const names = new Map([
    ...runs.map((run) => [run.id, what(run)] as const),
    ...models.map(({ id }) => [id, 'the model'] as const),
  ]);
  const text = JSON.stringify({ runs, models, versions, registered });
  const plain = JSON.parse(text.replaceAll(/run-\d+|(?<=[:/"])m-\d+/g, (id) => names.get(id) ?? id));
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return { ...plain, runs: plain.runs.toSorted(byText) };
}

describe('recording after a crash', () => {
  it('comes to the same end, whichever write failed, done or not done', async () => {
    const calm = new FakeTracker();
    await recordAll(calm);
    const writes = calm.writes.length;
    expect(writes).toBeGreaterThan(30);
    for (let write = 1; write <= writes; write++) {
      for (const when of ['before', 'after'] as const) {
        const tracker = new FakeTracker();
        tracker.crash = { write, when };
        await expect(recordAll(tracker)).rejects.toThrow(/no connection|no answer/);
        await recordAll(tracker);
        expect(told(tracker), `${when} write ${write}, ${calm.writes[write - 1]}`).toEqual(told(calm));
      }
    }
  });

  it('comes to the same end where what was given up was done after the next writer had looked', async () => {
    const calm = new FakeTracker();
    await recordAll(calm);
    const created = new Set<string>();
    for (let write = 1; write <= calm.writes.length; write++) {
      const tracker = new FakeTracker();
      tracker.crash = { write, when: 'late' };
      await expect(recordAll(tracker)).rejects.toThrow('no answer in time');
      tracker.crash = undefined;
      const name = calm.writes[write - 1] ?? '';
      await recordAll(tracker);
      if (/^(createRun|createModel|createVersion)$/.test(name)) created.add(name);
      await recordAll(tracker);
      expect(told(tracker), `late write ${write}, ${name}`).toEqual(told(calm));
    }
    expect([...created]).toEqual(['createRun', 'createModel', 'createVersion']);
  });

  it('writes nothing when all of it is there', async () => {
    const tracker = new FakeTracker();
    const runs = await recordStudy(tracker, { study, trials, dataset, conclusion });
    const registration = { study, conclusion, card, model: new Uint8Array([1, 2, 3]), profile, runs };
    const first = await registerModel(tracker, registration);
    const made = await recordPrediction(tracker, prediction, dataset);
    const decided = await recordEvaluation(tracker, evaluation);
    tracker.writes = [];
    expect(await registerModel(tracker, registration)).toEqual(first);
    const again = await recordPrediction(tracker, prediction, dataset);
    expect([again.run.id, again.version]).toEqual([made.run.id, made.version]);
    expect(await recordEvaluation(tracker, evaluation)).toEqual(decided);
    expect(tracker.writes).toEqual([]);
  });
});
