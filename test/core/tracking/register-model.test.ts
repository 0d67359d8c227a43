import { describe, expect, it } from 'vitest';
import type { Study } from '../../../core/contracts/study.ts';
import { recordStudy } from '../../../core/tracking/record-study.ts';
import { registerModel } from '../../../core/tracking/register-model.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { card, conclusion, digest, profile, study, trials } from '../../support/tracking-examples.ts';

const model = new Uint8Array([1, 2, 3]);

async function registered(tracker: FakeTracker, changed: Partial<Study> = {}, of = card) {
  const given = { ...study, ...changed };
  const runs = await recordStudy(tracker, { study: given, trials, dataset: undefined, conclusion });
  return await registerModel(tracker, { study: given, conclusion, card: of, model, profile, runs });
}

function json(tracker: FakeTracker, path: string) {
  return JSON.parse(new TextDecoder().decode(tracker.models[0]?.files.get(path)));
}

describe('registerModel', () => {
  it('makes a version of the model that the study names, as challenger', async () => {
    const tracker = new FakeTracker();
    expect(await registered(tracker)).toEqual({ name: 'flight-delay', version: '1' });
    expect(tracker.versions).toMatchObject([
      { source: 'models:/m-1', tags: { 'fanfare.digest': digest, 'fanfare.study': study.study } },
    ]);
    expect(tracker.registered.get('flight-delay')).toEqual({ challenger: '1' });
  });

  it('tells on the version whose best it is, what it was worth, and where that stands', async () => {
    const tracker = new FakeTracker();
    await registered(tracker);
    expect(tracker.versions[0]?.description.split('\n\n')).toEqual([
      'Trial 0 of study [delay-0123456789ab](#/experiments/1/runs/run-1), the best of 4 by auc (maximize).',
      '**auc** 0.80000 on the validation rows',
      '**gbdt** at 27 rounds: learning_rate 0.1 · leaves 31 · booster plain',
      '**dataset** flights-ba9876543210',
    ]);
  });

  it('keeps a second version that somebody gave a name of their own', async () => {
    const tracker = new FakeTracker();
    await registered(tracker);
    const [{ name, tags }] = tracker.versions as [(typeof tracker.versions)[0]];
    for (const _ of [2, 3])
      await tracker.createVersion({ name, modelId: 'm-1', runId: 'r', description: '', tags });
    await tracker.setAlias(name, 'mine', '2');
    await registered(tracker);
    expect(tracker.versions.map(({ version }) => version)).toEqual(['1', '2']);
  });

  it('says on the version what makes the columns of the model', async () => {
    const tracker = new FakeTracker();
    const features = `code:${'f'.repeat(64)}`;
    await registered(tracker, {}, { ...card, features });
    expect(tracker.versions).toMatchObject([{ tags: { 'fanfare.features': features } }]);
  });

  it('uploads MLmodel last, and only then declares the model ready', async () => {
    const tracker = new FakeTracker();
    await registered(tracker);
    const files = [...(tracker.models[0]?.files.keys() ?? [])];
    expect(files[0]).toBe('model.onnx');
    expect(files.at(-1)).toBe('MLmodel');
    expect(tracker.writes.indexOf('readyModel')).toBeGreaterThan(
      tracker.writes.indexOf('uploadFile MLmodel'),
    );
    expect(tracker.writes.indexOf('createVersion')).toBeGreaterThan(tracker.writes.indexOf('readyModel'));
  });

  it('links the model to the best trial and to the study', async () => {
    const tracker = new FakeTracker();
    await registered(tracker);
    const linked = tracker.runs.filter(({ outputs }) => outputs.includes('m-1')).map(({ name }) => name);
    expect(linked).toEqual([study.study, 'trial-0']);
  });

  it('writes the signature with a column an input, so that pandas tables fit', async () => {
    const tracker = new FakeTracker();
    await registered(tracker);
    const { signature } = json(tracker, 'MLmodel');
    expect(JSON.parse(signature.inputs)).toEqual([
      { type: 'double', name: 'distance', required: true },
      { type: 'long', name: 'hour', required: true },
      { type: 'string', name: 'origin', required: true },
    ]);
    expect(JSON.parse(signature.outputs)).toEqual([
      { type: 'float', name: 'probability', required: true },
      { type: 'long', name: 'label', required: true },
    ]);
    expect(json(tracker, 'feature_importance.json')).toEqual(card.importance);
    expect(json(tracker, 'input_example.json')).toEqual({
      columns: ['distance', 'hour', 'origin'],
      data: [
        [100.5, 3, 'ABQ'],
        [null, 14, 'SFO'],
      ],
    });
  });

  it('makes a version for each study, and leaves the alias with the newest', async () => {
    const tracker = new FakeTracker();
    await registered(tracker);
    const second = await registered(tracker, { study: 'other-0123456789ab' });
    expect(second.version).toBe('2');
    tracker.writes = [];
    expect((await registered(tracker)).version).toBe('1');
    expect(tracker.writes).toEqual([]);
    expect(tracker.registered.get('flight-delay')).toEqual({ challenger: '2' });
  });

  it('finishes an upload that was cut off', async () => {
    const tracker = new FakeTracker();
    tracker.crash = { write: 22, when: 'before' };
    await expect(registered(tracker)).rejects.toThrow('uploadFile');
    expect(tracker.models).toMatchObject([{ status: 'pending' }]);
    expect(tracker.models[0]?.files.has('MLmodel')).toBe(false);
    await registered(tracker);
    expect(tracker.models).toMatchObject([{ status: 'ready' }]);
    expect(tracker.models[0]?.files.has('MLmodel')).toBe(true);
  });
});
