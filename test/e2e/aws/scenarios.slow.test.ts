import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf } from '../../support/cli.ts';
import { stackName } from '../../support/deployed.ts';
import { conclusionIn, killTraining, partsOf, trialsIn } from '../../support/engines.ts';
import { mlflowRecord } from '../../support/mlflow-record.ts';
import { badRows, leftToOthers } from '../../support/scenarios.ts';
import { openStage, type Stage, titles } from '../../support/stage.ts';

/** Of the local engine. */
const notChecked = 'nothing is uploaded to it';

/** The same scenarios on this machine and on the stack, one after the other: later ones use the first one's model. */
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage?.close());

describe.each(['local', stackName])('on %s', (engine) => {
  it('a specification becomes a registered model and predictions, recorded in MLflow', async (context) => {
    const ended = await stage.play(context, engine, 'tuned');
    expect(ended).toMatchObject({
      kind: 'done',
      answer: { rejected: 0, metrics: { auc: expect.any(Number) } },
    });
    const { model } = stage.engine(engine);
    const record = mlflowRecord(stage.mlflow);
    expect(await record.model(model)).toEqual({
      versions: ['1'],
      aliases: { champion: '1', challenger: '1' },
    });
    const recorded = await record.runs(model);
    const ofKind = (kind: string) => recorded.filter(({ tags }) => tags['fanfare.kind'] === kind).length;
    expect(['study', 'trial', 'prediction', 'evaluation'].map(ofKind)).toEqual([1, 4, 1, 1]);
  });

  it('a table for a bound model is predicted, whole', async (context) => {
    const ended = await stage.play(context, engine, 'predicted');
    expect(ended).toMatchObject({ kind: 'done', answer: { rows: 5000, predicted: 5000, rejected: 0 } });
  });

  it('a shard of bad rows within the tolerance is told of, and the rest is predicted', async (context) => {
    const { rows, rejected } = badRows;
    const answer = { rows, rejected, predicted: rows - rejected };
    expect(await stage.play(context, engine, 'tolerated')).toMatchObject({ kind: 'done', answer });
  });

  it('a shard of bad rows beyond the tolerance fails the flow and says how many', async (context) => {
    const said = '800 of 4000 rows were rejected, predict.tolerance allows 0.1 of them';
    expect(await stage.play(context, engine, 'refused')).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(said),
    });
  });

  it('a shard that cannot be read at all fails the flow and says which, and why', async (context) => {
    expect(await stage.play(context, engine, 'lost')).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/torn\/b\.parquet cannot be read .*\(shard 1; 1 of 2 shards failed\)/),
    });
  });

  it('a specification with a mistake is answered with it, and starts nothing', async (context) => {
    expect(await stage.play(context, engine, 'misspelled')).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/^[^{]*InvalidSpec: .*unknown key "tabel"; did you mean table\?/s),
    });
    if (engine !== 'local')
      expect(await stage.stack.executions.list('pipeline', 'misspelled-', 'all')).toEqual([]);
  });

  it('a specification with folds is trained on each, and its best trial once more on all', async (context) => {
    const ended = await stage.play(context, engine, 'folded');
    expect(ended).toMatchObject({ kind: 'done', answer: { metrics: { auc: expect.any(Number) } } });
    const { study = '' } = stage.played(engine, 'folded').answer;
    const { store } = stage.played(engine, 'folded').run;
    expect(await trialsIn(store, study)).toHaveLength(4 * 3);
    const { best, refit } = await conclusionIn(store, study);
    expect(best.spread?.values).toHaveLength(3);
    expect(refit).toMatchObject({ model: best.model, resource: 12 });
  });

  it('functions that die in the middle of their work cost no study', async (context) => {
    let killed = false;
    const ended = await stage.play(context, engine, 'dies', async (run) => {
      if (run.workers('train') === undefined) return;
      await killTraining(run, 'dies-');
      killed = await run.lost();
    });
    expect(ended).toMatchObject({ kind: 'done' });
    if (stage.played(engine, 'dies').run.workers('train') === undefined) {
      const notChecked = 'functions are containers, which the suite does not kill';
      context.task.meta.cells = [{ scenario: titles.dies, engine, notChecked }];
      return;
    }
    expect(killed).toBe(true);
  });
});

describe(`${stackName} and the local engine, with one seed`, () => {
  const both = ['local', stackName] as const;
  const cellsOf = (scenario: string) => both.map((engine) => ({ scenario, engine }));

  it('train the same models to the last bit', async ({ task }) => {
    task.meta.cells = cellsOf('the same trials to the last bit');
    const [here, there] = await Promise.all(
      both.map((engine) => trialsIn(stage.played(engine, 'tuned').run.store, 'colors-')),
    );
    expect(here?.map(({ trial, model }) => [trial, model])).toEqual(
      [0, 1, 2, 3].map((trial) => [trial, expect.stringMatching(/^[0-9a-f]{64}$/)]),
    );
    expect(there).toEqual(here);
    expect(stage.played(stackName, 'tuned').answer.metrics).toEqual(
      stage.played('local', 'tuned').answer.metrics,
    );
  });

  it('refit the same model of the same folds', async ({ task }) => {
    task.meta.cells = cellsOf('the same refit to the last bit');
    const [here, there] = await Promise.all(
      both.map(async (engine) => {
        const { run, answer } = stage.played(engine, 'folded');
        const { best } = await conclusionIn(run.store, answer.study ?? '');
        return best;
      }),
    );
    expect(there).toEqual(here);
  });

  it.for(['tuned', 'predicted', 'tolerated'] as const)(
    'write the same files of predictions: %s',
    async (name, { task }) => {
      task.meta.cells = cellsOf('the same predictions to the last bit');
      const [here, there] = await Promise.all(
        both.map((engine) => {
          const { run, answer } = stage.played(engine, name);
          return partsOf(run.store, answer.prediction);
        }),
      );
      expect(Object.keys(here ?? {}).filter((file) => file.startsWith('part-')).length).toBeGreaterThan(0);
      expect(there).toEqual(here);
    },
  );

  it('train the same models although functions died', async ({ task }) => {
    const scenario = 'the same trials although functions died';
    const killed = stage.played(stackName, 'dies').run.workers('train') !== undefined;
    const left = { scenario, engine: stackName, notChecked: 'none was killed' };
    task.meta.cells = [{ scenario, engine: 'local' }, killed ? { scenario, engine: stackName } : left];
    const [here = [], there = []] = await Promise.all(
      both.map((engine) => trialsIn(stage.played(engine, 'dies').run.store, 'dies-')),
    );
    expect(here.map(({ trial }) => trial)).toEqual([0, 1, 2, 3]);
    const whole = there.filter(({ model }) => model !== undefined);
    expect(whole.length).toBeGreaterThan(0);
    for (const trial of whole) expect(here).toContainEqual(trial);
  });
});

describe(`an event on ${stackName}`, () => {
  const key = 'uploads/predict/events.yaml';
  const cellsOf = (scenario: string) => [
    { scenario, engine: 'local', notChecked },
    { scenario, engine: stackName },
  ];
  const eventOf = (etag: string) => ({
    detail: { bucket: { name: stage.stack.bucket }, object: { key, etag, sequencer: '0066' } },
  });

  it('that comes three times starts one execution', async ({ task }) => {
    task.meta.cells = cellsOf('a duplicate event');
    const { files, upload } = stage.scenario(stackName, 'tolerated');
    await stage.stack.put(key, files[upload] ?? '');
    const { etag = '' } = (await stage.stack.store.head(key)) ?? {};
    const answers = await Promise.all([1, 2, 3].map(() => stage.stack.receive(eventOf(etag))));
    const said = answers as readonly { readonly started: boolean; readonly execution: string }[];
    expect(said.map(({ started }) => started).toSorted()).toEqual([false, false, true]);
    expect(new Set(said.map(({ execution }) => execution)).size).toBe(1);
  });

  it('that comes after a newer version has been uploaded starts nothing', async ({ task }) => {
    task.meta.cells = cellsOf('an event out of order');
    expect(await stage.stack.receive(eventOf('0123456789abcdef0123456789abcdef'))).toEqual({
      ignored: 'a newer version is there',
    });
  });
});

describe('fanfare pipeline --engine aws', () => {
  it(`runs on ${stackName}, shows its result, and does nothing twice`, async ({ task }) => {
    const scenario = 'the command, with --engine';
    task.meta.cells = [
      { scenario, engine: 'local', notChecked: 'all of its scenarios are the command' },
      { scenario, engine: stackName },
    ];
    const { files, spec } = stage.scenario('local', 'tuned');
    const text = String(files[spec])
      .replaceAll('colors-local', 'colors-command')
      .replace('"colors"', '"command"');
    const file = await stage.desk.write('uploads/command.yaml', text);
    const command = ['pipeline', file, '--engine', 'aws'];
    const { code, stdout, stderr } = await stage.desk.run(command, stage.stack.env);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^champion +colors-command@champion is version 1$/m);
    expect(stdout).toMatch(/^predicted +911 of 911 rows, 0 rejected$/m);
    const again = documentOf(await stage.desk.run([...command, '--json'], stage.stack.env));
    expect(again).toMatchObject({ evaluation: stage.played('local', 'tuned').answer.metrics ?? {} });
    expect(await stage.stack.executions.list('pipeline', 'command-', 'all')).toHaveLength(1);
  });
});

/** Half of x where x is not small, what a trial of it is worth, and the half again. */
const ownCode = {
  'own/features.ts': `import { defineMapping } from 'fanfare';
export default defineMapping((rows) => {
  const x = rows.numbers('x');
  return rows.with({ half: x.map((value) => value / 2) }).filter((row) => x[row]! >= 0.1);
});
`,
  'own/mean.ts': `import { defineTrainable } from 'fanfare';
export default defineTrainable<{ weight: number }>({
  async load(data) {
    let sum = 0;
    for await (const rows of data.train()) sum += rows.numbers('half').reduce((a, b) => a + b, 0);
    return sum;
  },
  *train({ params, loaded, from, until }) {
    for (let resource = from.resource + 1; resource <= until; resource++) {
      yield { resource, value: loaded * params.weight, checkpoint: () => new Uint8Array(0) };
    }
  },
});
`,
  'own/again.ts': `import { defineMapping } from 'fanfare';
export default defineMapping((rows) => rows.with({ half: rows.numbers('half').map((value) => value / 2) }));
`,
  'own/own.yaml': JSON.stringify({
    name: 'own',
    table: { path: '../tables/colors.csv', shards: 2 },
    target: 'hit',
    split: { features: './features.ts' },
    tune: {
      trainable: './mean.ts',
      metric: { name: 'worth', mode: 'max' },
      sampler: 'random',
      trials: 3,
      scheduler: { kind: 'asha', min: 1, max: 3 },
      space: { weight: { low: 0, high: 1 } },
    },
  }),
} as const;

describe('code of one’s own', () => {
  it('is brought to every engine, and comes to the same there', async ({ task }) => {
    const scenario = 'features, a trainable and a map of one’s own';
    task.meta.cells = ['local', stackName].map((engine) => ({ scenario, engine }));
    for (const [name, text] of Object.entries(ownCode)) await stage.desk.write(name, text);
    const run = async (args: readonly string[], env = {}) =>
      documentOf(await stage.desk.run([...args, '--json'], env)) as Record<
        'split' | 'tune' | 'map',
        unknown
      > & {
        readonly files: { readonly dataset: string };
      };
    const played = async (engine: readonly string[], env = {}) => {
      const tuned = await run(['tune', stage.desk.path('own/own.yaml'), ...engine], env);
      const dataset = tuned.files.dataset.replaceAll(/^datasets\/|\/$/g, '');
      const mapped = await run(
        ['map', stage.desk.path('own/again.ts'), dataset, '--name', 'again', ...engine],
        env,
      );
      return { split: tuned.split, best: (tuned.tune as { readonly best: object }).best, map: mapped.map };
    };
    const here = await played(['--no-mlflow']);
    expect(here).toMatchObject({ best: { value: expect.any(Number), model: null }, map: here.split });
    expect(await played(['--engine', 'aws'], stage.stack.env)).toEqual(here);
  });
});

describe('what flows and the receiver write', () => {
  it('starts nothing', async ({ task }) => {
    const scenario = 'outputs and answers start nothing';
    task.meta.cells = [
      { scenario, engine: 'local', notChecked },
      { scenario, engine: stackName },
    ];
    task.meta.notChecked = leftToOthers;
    const started = await stage.stack.executions.list('pipeline', '', 'all');
    const specs = started.map(({ name }) => name.split('-')[0]).toSorted();
    expect(specs).toEqual(['colors', 'command', 'dies', 'folded']);
    const tables = await stage.stack.executions.list('predict', 'fresh-', 'all');
    expect(tables).toHaveLength(1);
  });

  it('stays far below the 256 KiB of a state', async () => {
    const { executions } = stage.stack;
    const listed = await Promise.all(
      (['pipeline', 'split', 'tune', 'predict'] as const).map((flow) => executions.list(flow, '', 'all')),
    );
    const all = await Promise.all(listed.flat().map(({ flow, name }) => executions.describe(flow, name)));
    expect(all.length).toBeGreaterThan(12);
    for (const execution of all) {
      expect(JSON.stringify([execution?.input, execution?.output]).length).toBeLessThan(16_384);
    }
  });
});
