import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../../core/contracts/keys.ts';
import { encodeTable } from '../../core/tables/write.ts';
import { startEngine } from '../../local/engine.ts';
import { FlowFailed } from '../../local/interpreter/errors.ts';
import { flights, putSpec, specOf } from '../support/step-world.ts';
import { toldOf } from '../support/told.ts';
import { bringSource } from '../support/user-code.ts';

/** A rung of these takes longer than a function that may run for 5 seconds, in real processes that are killed then. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-limits-'));
  for (const rows of [300, 120_000]) await appendFile(table(rows), encodeTable('csv', [flights(rows)]));
});
afterAll(() => rm(folder, { recursive: true }));
const table = (rows: number): string => join(folder, `${rows}.csv`);

interface Tuned {
  readonly best: { readonly value: number; readonly resource: number; readonly model: string | null };
  readonly continued: number;
  /** What the rungs took, by their own account. */
  readonly trainSeconds: number;
}

/** Splits and tunes one trial, where training has so many seconds at a time. */
async function tuned(name: string, rows: number, tune: object, seconds: number): Promise<Tuned> {
  let [continued, trainSeconds] = [0, 0];
  const engine = startEngine({
    store: join(folder, name),
    root: resolve('.'),
    mlflow: Promise.resolve(undefined),
    limits: { train: { timeoutSeconds: seconds } },
    onAnswer: (asked, _request, answer) => {
      if (asked !== 'train') return;
      if (Object(answer).next === 'continue') continued++;
      else trainSeconds += Object(answer).outcome.seconds;
    },
  });
  try {
    const { source, ...rest } = tune as { source?: string };
    const trainable = source === undefined ? 'gbdt' : await bringSource(engine.store, source);
    const spec = specOf({
      table: { path: table(rows) },
      tune: { trials: 1, space: {}, trainable, ...rest },
    });
    const digest = await putSpec(engine.store, spec);
    expect(await engine.store.head(keys.spec(digest))).toBeDefined();
    const { dataset } = Object(await engine.run('split', { spec: digest }, 'split'));
    const { best } = Object(await engine.run('tune', { spec: digest, dataset, lanes: 1 }, 'tune'));
    return { best, continued, trainSeconds };
  } finally {
    await engine.close();
  }
}

/** Sleeps through each epoch, and says to a file that it was there. */
const slowly = (log: string, ms: number): string => `import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTrainable } from 'fanfare';
export default defineTrainable({
  resource: 'epochs',
  async *train({ from, until }) {
    let sum = from.checkpoint ? new Float64Array(from.checkpoint.slice().buffer)[0] : 0;
    for (let epoch = from.resource; epoch < until; epoch++) {
      await sleep(${ms});
      sum += 1 / (epoch + 1);
      appendFileSync(${JSON.stringify(log)}, epoch + '\\n');
      yield { resource: epoch + 1, value: sum, checkpoint: () => new Uint8Array(Float64Array.of(sum).buffer) };
    }
  },
});
`;

describe('a rung that takes longer than its function may run', () => {
  test('of gbdt goes on from its checkpoints, to the model of one go', async () => {
    const tune = (max: number) => ({
      scheduler: { kind: 'none', max },
      space: { leaves: 15, learning_rate: 0.02 },
    });
    // As many rounds as take this machine more than the limit, however fast it is.
    let rounds = 1000;
    let whole = await tuned(`gbdt-${rounds}`, 120_000, tune(rounds), 900);
    while (whole.trainSeconds < 6) {
      rounds = Math.ceil((rounds * 8) / whole.trainSeconds);
      whole = await tuned(`gbdt-${rounds}`, 120_000, tune(rounds), 900);
    }
    const parts = await tuned('gbdt-parts', 120_000, tune(rounds), 5);
    expect(whole.continued).toBe(0);
    expect(parts.continued).toBeGreaterThan(0);
    expect(parts.best).toEqual(whole.best);
  });

  test('of user code goes on from its checkpoints, and has no epoch twice', async () => {
    const log = (name: string) => join(folder, `${name}.log`);
    const tune = (name: string, ms: number) => ({
      source: slowly(log(name), ms),
      metric: { name: 'sum', mode: 'max' },
      scheduler: { kind: 'none', max: 12 },
    });
    const whole = await tuned('code-whole', 300, tune('code-whole', 0), 900);
    const parts = await tuned('code-parts', 300, tune('code-parts', 800), 5);
    expect(parts.continued).toBeGreaterThan(0);
    expect(parts.best).toEqual(whole.best);
    const epochs = (await readFile(log('code-parts'), 'utf8')).trim().split('\n').map(Number);
    expect(epochs).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

test('user code that never reports is ended at its time limit, which the person is told', async () => {
  const source = 'export default { async *train() { for (;;); } };';
  const failure = await tuned('endless', 300, { source }, 2).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(FlowFailed);
  expect(toldOf(failure)).toContain('StudyFailed: 1 of 1 trials failed');
  expect(toldOf(failure)).toContain('trial 0: Sandbox.Timedout');
  expect(toldOf(failure)).toContain('Task timed out after 2.00 seconds');
});
