import { describe, expect, test } from 'vitest';
import { keys } from '../../../core/contracts/keys.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { keepWarm } from '../../../core/steps/ports.ts';
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
import { bringSource } from '../../support/user-code.ts';

/** A study of the user's module over the flights. */
async function studyOf(source: string, change: Readonly<Record<string, unknown>>, tune: object = {}) {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', flights(600))] });
  const trainable = await bringSource(store, source);
  const spec = await putSpec(
    store,
    specOf({
      inputs: ['distance'],
      ...change,
      tune: { trainable, trials: 1, scheduler: { kind: 'none', max: 2 }, space: {}, ...tune },
    }),
  );
  const { dataset } = await splitAll(spec, ports);
  return { store, ports, spec, study: await prepare(spec, dataset, ports) };
}

/** The shares of the classes in the training side, weighted, are what it predicts of any row. */
const shares = `import { addOutputs, defineTrainable, GraphBuilder } from 'fanfare';

export default defineTrainable<{}, Float64Array>({
  tasks: ['multiclass'],
  async load(data) {
    const found = new Float64Array(data.task.classes.length);
    for await (const rows of data.train()) {
      const weights = data.weights(rows)!;
      for (const [row, label] of data.target(rows).entries()) if (!Number.isNaN(label)) found[label]! += weights[row]!;
    }
    const all = found.reduce((sum, each) => sum + each);
    return found.map((each) => each / all);
  },
  async *train({ data, loaded, from, until }) {
    for (let step = from.resource + 1; step <= until; step++)
      yield {
        resource: step,
        value: 1 - Math.max(...loaded) + (step === until ? Number(data.task.classes.length === 0) : 0),
        metrics: { most: Math.max(...loaded), accuracy: 17 },
        checkpoint: () => new Uint8Array(1),
        model: () => {
          const graph = new GraphBuilder();
          const zero = graph.node('Mul', [graph.cast(graph.input(data.inputs[0]!, 'double'), 'float'), graph.scalar('float', 0)]);
          const one = graph.constant({ type: 'int64', values: BigInt64Array.of(1n) });
          const fixed = graph.constant({ type: 'float', values: Float32Array.from(loaded), dims: [1, loaded.length] });
          addOutputs(graph, data.task, { probability: graph.node('Add', [graph.node('Unsqueeze', [zero, one]), fixed]) });
          return graph.finish({ name: 'mine', version: '1' }, new Map());
        },
      };
  },
});`;

describe('a trainable of the user that learns classes', () => {
  const change = { target: 'city', columns: { weight: 'seats' } };
  const own = { metric: { name: 'doubt', mode: 'min' }, metrics: ['accuracy', 'log_loss'] };

  test('sees the task and the weights, and its trials have its metrics and those of its model', async () => {
    const { study, ports, store } = await studyOf(shares, change, own);
    await runLane(study, ports);
    const { best } = (await concludeStudy({ study, execution }, ports)) as {
      best: { model: string; value: number; metrics: Record<string, number> };
    };
    expect(Object.keys(best.metrics).toSorted()).toEqual(['accuracy', 'log_loss', 'most']);
    expect(best.metrics.most).toBeCloseTo(1 - best.value, 12);
    // Five cities, each as often as the others.
    expect(best.metrics.most).toBeGreaterThan(0.2);
    expect(best.metrics.most).toBeLessThan(0.3);
    // What the model is worth is computed, whatever the trainable says of it.
    expect(best.metrics.accuracy).toBeLessThan(0.4);
    expect(best.metrics.log_loss).toBeCloseTo(Math.log(5), 1);
    expect(await store.head(keys.model(best.model))).toBeDefined();
  });

  test('keeps what it reported where it goes on in another invocation', async () => {
    const { study, ports } = await studyOf(shares, change, own);
    const { claim } = await askAs(study, 0, ports);
    const noTime = () => ({ ...ports, remaining: () => 0, warm: keepWarm() });
    const answers = [];
    do answers.push(await trainOnce(study, claim, noTime()));
    while (answers.at(-1)?.next === 'continue');
    expect(answers.length).toBeGreaterThan(1);
    expect(answers.at(-1)?.outcome).toMatchObject({ metrics: { most: expect.any(Number) } });
  });

  test('must give a probability for each class: a file that does not is refused', async () => {
    const narrow = shares
      .replace(
        'addOutputs(graph, data.task,',
        "addOutputs(graph, { kind: 'multiclass', classes: [1, 2, 3] },",
      )
      .replace(
        'Float32Array.from(loaded), dims: [1, loaded.length]',
        'Float32Array.of(0.2, 0.3, 0.5), dims: [1, 3]',
      );
    const { study, ports } = await studyOf(narrow, change, own);
    const { claim } = await askAs(study, 0, ports);
    await expect(trainOnce(study, claim, ports)).rejects.toMatchObject({
      name: 'TrainableFailed',
      message:
        'the exported model gives 3 values a row as "probability"; 5 float32 a row are needed, since what it predicts is multiclass',
    });
  });

  test('is refused a quantity by its file and what it says it learns', async () => {
    await expect(
      studyOf(shares, { target: { column: 'seats', task: 'regression' } }, own),
    ).rejects.toMatchObject({
      name: 'InvalidSpec',
      message: expect.stringMatching(
        /mine\.ts learns multiclass targets, and by column "seats" this one is regression; use .*gbdt/,
      ),
    });
  });
});

describe('a module that exports the wrong thing is refused', () => {
  test.each([
    [
      'a task that there is not',
      "export default { *train() {}, tasks: ['ranking'] };",
      'mine.ts: tasks is ["ranking"]; some of binary, multiclass, regression are needed',
    ],
    [
      'tasks that are no list',
      "export default { *train() {}, tasks: 'binary' };",
      'mine.ts: tasks is a string (binary); some of',
    ],
    ['no task', 'export default { *train() {}, tasks: [] };', 'mine.ts: tasks is []; some of'],
  ])('%s', async (_what, source, message) => {
    await expect(studyOf(source, { target: 'late' })).rejects.toMatchObject({
      name: 'InvalidSpec',
      message: expect.stringContaining(message),
    });
  });

  test('a metric that is no number costs the trial', async () => {
    const source = `export default { *train({ until }) { yield { resource: until, value: 1, metrics: { gain: '3' }, checkpoint: () => new Uint8Array(1) }; } };`;
    const { study, ports } = await studyOf(
      source,
      { target: 'late' },
      { metric: { name: 'gini', mode: 'max' } },
    );
    const { claim } = await askAs(study, 0, ports);
    await expect(trainOnce(study, claim, ports)).rejects.toMatchObject({
      name: 'TrainableFailed',
      message: 'mine.ts: metrics.gain at resource 2 is a string (3); a finite number is needed',
    });
  });
});
