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

/** What a person sees in MLflow. Ids are left out of the comparison by their order of creation being the same. */
const seen = ({ experiments, runs, models, versions, registered }: FakeTracker) => ({
  experiments: [...experiments],
  runs,
  models: models.map((model) => ({ ...model, files: [...model.files.keys()].toSorted() })),
  versions,
  registered: [...registered],
});

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
        expect(seen(tracker), `${when} write ${write}, ${calm.writes[write - 1]}`).toEqual(seen(calm));
      }
    }
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
    expect(await recordPrediction(tracker, prediction, dataset)).toEqual(made);
    expect(await recordEvaluation(tracker, evaluation)).toEqual(decided);
    expect(tracker.writes).toEqual([]);
  });
});
