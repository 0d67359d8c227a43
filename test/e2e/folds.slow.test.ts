import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import type { Conclusion } from '../../core/contracts/conclusion.ts';
import type { Claim, StudyEvent } from '../../core/contracts/study.ts';
import { type Desk, documentOf, objectsBelow, openDesk } from '../support/cli.ts';
import { flightsSpec, writeFlights } from '../support/flights.ts';
import { runThrough } from '../support/kills.ts';

/** Which moments are drawn; named when the test fails. */
const seed = process.env.FANFARE_KILL_SEED ?? String(Date.now());

const trials = 10;
const folds = 3;
/** One lane, so that both runs decide in one order. */
const tune = {
  ...{ trials, lanes: 1, scheduler: { kind: 'asha', min: 5, max: 45, eta: 3 } },
  space: { learning_rate: { low: 0.01, high: 0.9 }, leaves: { low: 3, high: 60, integer: true } },
};

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  await writeFlights(desk.path('flights.parquet'), 20_000);
});

afterAll(() => desk?.clear());

const durable = /\/(receipts|results|refit)\/|\/(manifest|conclusions\/\d+)\.json$/;

it('a pipeline with folds and a refit, killed again and again, comes to what one does that was left alone', async () => {
  onTestFailed(() => void process.stderr.write(`FANFARE_KILL_SEED=${seed}\n`));
  const spec = flightsSpec('flights.parquet', { split: { folds }, tune });
  const file = await desk.write('folds.yaml', spec);
  const argsIn = (home: string) => ['pipeline', file, '--json', '--no-mlflow', '--home', desk.path(home)];
  const { kills, document } = await runThrough(
    desk,
    { args: argsIn('killed'), env: {} },
    {
      seed,
      progress: async () => {
        const files = await readdir(desk.path('killed/store'), { recursive: true }).catch(() => []);
        return files.filter((name) => durable.test(name)).length;
      },
      seen: async () => {},
    },
  );
  expect(kills.length).toBeGreaterThan(5);
  const alone = documentOf(await desk.run(argsIn('alone')));
  const shared = ['split', 'tune', 'predict', 'evaluation', 'files'];
  const same = (of: unknown) => Object.entries(untimed(of) as object).filter(([key]) => shared.includes(key));
  expect(same(document)).toEqual(same(alone));

  const [killedEvents, calmEvents] = await Promise.all(['killed', 'alone'].map(eventsIn));
  expect(killedEvents).toEqual(calmEvents);
  // The race took folds from some trials, and each fold of a rung was told once.
  const legs = calmEvents!.map(({ trial, rung, fold }) => `${trial}-${rung}-${fold}`);
  expect(new Set(legs).size).toBe(legs.length);
  const first = calmEvents!.filter(({ rung }) => rung === 0);
  expect(first.length).toBeGreaterThanOrEqual(trials);
  expect(first.length).toBeLessThan(trials * folds);
  const claims = (await objectsBelow(desk.path('killed/store/studies'), '/claims/')) as Claim[];
  expect(claims.map(({ number }) => number)).toEqual(claims.map((_, number) => number));

  const { split, tune: tuned } = alone as {
    readonly split: { readonly train: number; readonly validation: number };
    readonly tune: Pick<Conclusion, 'best' | 'refit'>;
  };
  expect(split.validation).toBe(0);
  const { best, refit } = tuned;
  expect(refit).toMatchObject({ rows: split.train, resource: best.resource, model: best.model });
  const values = best.spread!.values.map(Number);
  expect(values).toHaveLength(folds);
  expect(best.value).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / folds, 12);
  const model = await readFile(join(desk.path('killed/store/models'), `${best.model}.onnx`));
  expect(model.equals(await readFile(join(desk.path('alone/store/models'), `${best.model}.onnx`)))).toBe(
    true,
  );
});

/** What came of each fold, in order, without the time that it took. */
async function eventsIn(home: string): Promise<StudyEvent[]> {
  const events = (await objectsBelow(desk.path(`${home}/store/studies`), '/events/')) as StudyEvent[];
  return events
    .map((event) => untimed({ ...event, attempt: 0, startedAt: 0, at: 0 }) as StudyEvent)
    .toSorted((a, b) => a.trial - b.trial || a.rung - b.rung || a.fold! - b.fold!);
}

const untimed = (of: unknown): unknown =>
  JSON.parse(JSON.stringify(of, (key, value) => (key === 'seconds' ? 0 : value)));
