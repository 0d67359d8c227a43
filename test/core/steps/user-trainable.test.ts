import { beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { aggregate } from '../../../core/steps/aggregate.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { listPending } from '../../../core/steps/pending.ts';
import { keepWarm } from '../../../core/steps/ports.ts';
import { decodeJson, type ObjectStore } from '../../../core/store.ts';
import { gbdt } from '../../../core/training/gbdt/gbdt.ts';
import { copyOf } from '../../support/crashing-store.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  askAs,
  execution,
  fileOf,
  flights,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
  trainOnce,
} from '../../support/step-world.ts';
import { asNodeTellsStacks, bringSource } from '../../support/user-code.ts';

asNodeTellsStacks();

/** Flights that were split, which every test begins with. */
let split: ObjectStore;
let dataset: string;
let counts: { readonly train: number; readonly validation: number };

beforeAll(async () => {
  split = memoryStore();
  const ports = stepPorts(split, { flights: [fileOf('csv', flights(600))] });
  ({ dataset } = await splitAll(await putSpec(split, specOf()), ports));
  ({ rows: counts } = decodeJson((await split.get(keys.datasetManifest(dataset)))!.body) as {
    rows: typeof counts;
  });
});

const loss = { name: 'loss', mode: 'min' };
const rungs = { kind: 'asha', min: 2, max: 6, eta: 3 };

/** A study of the user's module, of one trial unless `tune` says more. */
async function studyOf(source: string, tune: object = {}) {
  const store = await copyOf(split);
  const trainable = await bringSource(store, source);
  const ports = stepPorts(store, {});
  const base = { trainable, metric: loss, trials: 1, scheduler: rungs, space: { rate: 0.5 } };
  const spec = await putSpec(store, specOf({ tune: { ...base, ...tune } }));
  return { store, ports, trainable, study: await prepare(spec, dataset, ports) };
}

/** The outcome of the study's first rung. */
async function firstOutcome(source: string, tune: object = {}) {
  const { study, ports } = await studyOf(source, tune);
  const { claim } = await askAs(study, 0, ports);
  const { outcome } = await trainOnce(study, claim, ports);
  return outcome;
}

/** Its state is a number that falls by `rate` an epoch; no model. */
const falling = `
import { defineTrainable } from 'fanfare';

export default defineTrainable<{ rate: number }>({
  resource: 'epochs',
  async *train({ params, from, until }) {
    let state = from.checkpoint ? new Float64Array(from.checkpoint.slice().buffer)[0]! : 100;
    for (let epoch = from.resource; epoch < until; epoch++) {
      state *= params.rate;
      yield { resource: epoch + 1, value: state, checkpoint: () => new Uint8Array(Float64Array.of(state).buffer) };
    }
  },
});
`;

/** One whose first lines are these, after which it reports what the expression gives. */
const reporting = (report: string, before = ''): string => `import { defineTrainable } from 'fanfare';
export default defineTrainable({
  async *train({ from, until, data }) {
    ${before}
    for (let step = from.resource + 1; step <= until; step++)
      yield { resource: step, value: 1, checkpoint: () => new Uint8Array(1), ...${report} };
  },
});
`;

describe('a trainable of the user', () => {
  test('trains in rungs of its own resource, each from the checkpoint of the one before', async () => {
    const { study, ports, store, trainable } = await studyOf(falling, { trials: 3 });
    await runLane(study, ports);
    expect(decodeJson((await store.get(keys.studyRecord(study)))!.body)).toMatchObject({
      trainable,
      resource: 'epochs',
      metric: 'loss',
      direction: 'minimize',
    });
    const { best, model } = (await concludeStudy({ study, execution }, ports)) as {
      best: object;
      model: null;
    };
    // 100 halved 6 times: had a rung begun anew, it would be 100 / 16 or 100 / 4.
    expect(best).toMatchObject({ resource: 6, value: 100 / 64, model: null });
    expect(model).toBeNull();

    const tracker = new FakeTracker();
    const recorded = await aggregate({ kind: 'model', study }, { ...ports, tracker });
    expect(recorded).toMatchObject({ recorded: true, version: null });
    expect(await listPending(store)).toEqual([]);
  });

  test('goes on in another invocation where time runs out, to the same end', async () => {
    const { study, ports, store } = await studyOf(falling, { scheduler: { kind: 'none', max: 5 } });
    const { claim } = await askAs(study, 0, ports);
    const noTime = () => ({ ...ports, remaining: () => 0, warm: keepWarm() });
    const answers = [];
    do answers.push(await trainOnce(study, claim, noTime()));
    while (answers.at(-1)?.next === 'continue');
    expect(answers).toHaveLength(6);
    expect(answers.at(-1)?.outcome).toMatchObject({ value: 100 / 32, resource: 5 });
    expect(await store.head(keys.partial(study, { trial: 0, rung: 0 }))).toBeUndefined();
  });

  test('is another study when a line of it changes, and the same one when none does', async () => {
    const ids = await Promise.all(
      [falling, falling, `${falling}\nexport const more = 1;\n`].map(
        async (source) => (await studyOf(source)).study,
      ),
    );
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test('may read both sides of the table, with labels, and keeps what it loaded for the trials of its process', async () => {
    const source = `import { defineTrainable } from 'fanfare';
let loads = 0;
export default defineTrainable<{}, { seen: number }>({
  async load(data) {
    loads++;
    let seen = 0;
    for await (const rows of data.train()) seen += data.target(rows).filter((label) => label === 0 || label === 1).length;
    for await (const rows of data.validation()) seen += 1000 * rows.numbers(data.inputs[0]!).length;
    return { seen };
  },
  async *train({ loaded, from, until }) {
    if (from.resource < until) yield { resource: until, value: loaded.seen + loads * 1e9, checkpoint: () => new Uint8Array(0) };
  },
});`;
    const { study, ports } = await studyOf(source, { trials: 4 });
    await runLane(study, ports);
    const { best } = (await concludeStudy({ study, execution }, ports)) as { best: object };
    expect(best).toMatchObject({ value: counts.train + 1000 * counts.validation + 1e9 });
  });

  test('that ends before its rung stays where it is, and is not begun again in later rungs', async () => {
    const source = falling.replace('epoch < until', 'epoch < Math.min(until, 1)');
    const { study, ports } = await studyOf(source, { trials: 3 });
    const claims = await runLane(study, ports);
    expect(claims).toHaveLength(4);
    const { best } = (await concludeStudy({ study, execution }, ports)) as { best: object };
    expect(best).toMatchObject({ resource: 1, value: 50 });
  });
});

describe('a model of the user', () => {
  /** The file that gbdt makes of the same dataset, and its value. */
  let model: Uint8Array;
  let auc: number;
  beforeAll(async () => {
    const store = await copyOf(split);
    const ports = stepPorts(store, {});
    const tune = { trials: 1, scheduler: { kind: 'none', max: 2 }, space: {} };
    const study = await prepare(await putSpec(store, specOf({ tune })), dataset, ports);
    const { outcome } = await trainOnce(study, (await askAs(study, 0, ports)).claim, ports);
    if (outcome.kind !== 'reported' || !outcome.model) throw new Error(`${gbdt.name} makes a model`);
    model = (await store.get(outcome.model.key))!.body;
    auc = outcome.value;
  });
  const giving = (value: number): string =>
    reporting(
      `{ value: ${value}, model: () => Buffer.from('${Buffer.from(model).toString('base64')}', 'base64') }`,
    );

  test('is judged by ONNX Runtime, and goes where predictions find it', async () => {
    const { study, ports, store } = await studyOf(giving(auc + 0.0009), { metric: 'auc' });
    await runLane(study, ports);
    const { best } = (await concludeStudy({ study, execution }, ports)) as {
      best: { value: number; model: string };
    };
    expect(best.value).toBe(auc);
    expect((await store.get(keys.model(best.model)))?.body).toEqual(model);
  });

  test('must be worth what the trial reported: a difference of 0.001 is refused, with both', async () => {
    const said = auc + 0.0011;
    await expect(firstOutcome(giving(said), { metric: 'auc' })).rejects.toMatchObject({
      name: 'TrainableFailed',
      message: `the trial reported auc ${said}, but its model gives ${auc} on the validation rows (allowed: 0.001 apart)`,
    });
  });

  test("has the trainable's own value where the metric is the trainable's own", async () => {
    const outcome = await firstOutcome(giving(17));
    expect(outcome).toMatchObject({ kind: 'reported', value: 17, model: { size: model.length } });
  });
});

describe('a trial is lost, and says why and where,', () => {
  test.each([
    [
      'diverged',
      '{ value: step < 2 ? 1 : NaN }',
      'mine.ts: the trial diverged: its value at resource 2 is NaN',
    ],
    ['infinite', '{ value: Infinity }', 'mine.ts: the trial diverged: its value at resource 1 is Infinity'],
    [
      'a text as value',
      "{ value: '1' }",
      'mine.ts: the value at resource 1 is a string (1); a number is needed',
    ],
    [
      'backwards',
      '{ resource: step < 2 ? 2 : 1 }',
      'mine.ts: it reported resource 1 after 2: what a trial has had can only rise',
    ],
    [
      'standing still',
      '{ resource: 1 }',
      'mine.ts: it reported resource 1 after 1: what a trial has had can only rise',
    ],
    [
      'too far',
      '{ resource: 7 }',
      'mine.ts: it reported resource 7, beyond the 6 that it was to train until',
    ],
    ['a part of a step', '{ resource: 0.5 }', 'mine.ts: it reported resource 0.5; a whole number is needed'],
    [
      'a checkpoint of another type',
      "{ checkpoint: () => 'state' }",
      'mine.ts: checkpoint() gives a string (state); a Uint8Array is needed',
    ],
    [
      'a checkpoint that is no function',
      '{ checkpoint: new Uint8Array(1) }',
      'mine.ts: checkpoint is a Uint8Array; a function that gives a Uint8Array is needed',
    ],
    [
      'a model of another type',
      '{ model: () => ({}) }',
      'mine.ts: model() gives an object; a Uint8Array is needed',
    ],
  ])('when it reports %s', async (_what, report, message) => {
    const scheduler = { kind: 'none', max: 6 };
    await expect(firstOutcome(reporting(report), { scheduler })).rejects.toMatchObject({
      name: 'TrainableFailed',
      message,
    });
  });

  test.each([
    [
      'at first',
      reporting('{}', "throw new RangeError('too large');"),
      'mine.ts:4:11: RangeError: too large',
    ],
    [
      'in the middle',
      reporting('(step === 2 ? null!.field : {})'),
      "mine.ts:6:101: TypeError: Cannot read properties of null (reading 'field')",
    ],
    [
      'in its checkpoint',
      reporting("{ checkpoint: () => { throw new Error('disk'); } }"),
      'mine.ts:6:109: Error: disk',
    ],
    ['with what is no error', reporting('{}', "throw 'plain';"), 'mine.ts: it threw plain'],
    [
      'at a column that is not there',
      reporting('{}', "for await (const rows of data.train()) rows.numbers('distanse');"),
      'mine.ts:4:49: there is no column "distanse"; did you mean distance?',
    ],
  ])('when it throws %s', async (_where, source, message) => {
    await expect(firstOutcome(source)).rejects.toMatchObject({
      name: 'TrainableFailed',
      message: expect.stringContaining(message),
      cause: expect.anything(),
    });
  });

  test('when it ends without a report', async () => {
    await expect(firstOutcome(reporting('{}', 'return;'))).rejects.toMatchObject({
      name: 'TrainableFailed',
      message: 'mine.ts: train ended without a report',
    });
  });

  test('when train is no generator', async () => {
    const source = 'export default { train: async () => 1 };';
    await expect(firstOutcome(source)).rejects.toMatchObject({
      name: 'TrainableFailed',
      message: 'mine.ts: train gives a Promise, no reports: write it as async *train',
    });
  });
});

describe('a study is refused before its first trial', () => {
  test.each([
    [
      'a mapping',
      'export default (rows) => rows;',
      'mine.ts: the default export is a function; a trainable is needed',
    ],
    [
      'an object without train',
      'export default { epochs: 3 };',
      'mine.ts: the default export is an object; a trainable',
    ],
    [
      'a load that is no function',
      'export default { *train() {}, load: 3 };',
      'mine.ts: load is a number (3)',
    ],
  ])('when the module gives %s', async (_what, source, message) => {
    await expect(studyOf(source)).rejects.toMatchObject({
      name: 'InvalidSpec',
      message: expect.stringContaining(message),
    });
  });

  test('when the module throws while it is imported, with its line', async () => {
    const source = "const limit: number = 3;\nif (limit > 2) throw new Error('no');\nexport default {};";
    await expect(studyOf(source)).rejects.toMatchObject({
      name: 'UserCodeFailed',
      message: 'mine.ts:2:22: Error: no (while it was imported)',
    });
  });

  test('when the specification names a path: only the CLI can bring code', async () => {
    const store = await copyOf(split);
    const tune = { trainable: './mine.ts', metric: loss, trials: 1, space: {} };
    const spec = await putSpec(store, specOf({ tune }));
    await expect(prepare(spec, dataset, stepPorts(store, {}))).rejects.toMatchObject({
      name: 'InvalidSpec',
      message: 'user code ./mine.ts: only code that was brought by the CLI may be named here: code:<digest>',
    });
  });

  test('when the code is gone, or is not what its digest says', async () => {
    const store = await copyOf(split);
    const trainable = await bringSource(store, falling);
    const key = keys.code(trainable.slice('code:'.length));
    const tune = { trainable, metric: loss, trials: 1, space: {} };
    const spec = await putSpec(store, specOf({ tune }));
    const bytes = (await store.get(key))!.body;
    await store.put(key, bytes.slice(0, -1));
    await expect(prepare(spec, dataset, stepPorts(store, {}))).rejects.toMatchObject({
      name: 'BadTable',
      message: expect.stringContaining(`${key} was altered`),
    });
    await store.delete(key);
    await expect(prepare(spec, dataset, stepPorts(store, {}))).rejects.toMatchObject({
      name: 'MissingInput',
      message: `user code ${trainable}: there is no ${key}`,
    });
  });
});
