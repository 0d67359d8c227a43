import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import type { Claim } from '../../core/contracts/study.ts';
import type { ReplayDocument, ShowDocument } from '../../library/index.ts';
import { type Desk, documentOf, filesBelow, objectsBelow, openDesk } from '../support/cli.ts';
import { flightsSpec, writeFlights } from '../support/flights.ts';
import { runThrough } from '../support/kills.ts';

const trials = 12;
/** Which moments are drawn; named when a test fails. */
const seed = process.env.FANFARE_KILL_SEED ?? String(Date.now());

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  await writeFlights(desk.path('flights.parquet'), 30_000);
});

afterAll(() => desk?.clear());

/** The command by so many lanes, in a store of its own. */
async function commandOf(name: string, lanes: number) {
  const home = desk.path(name);
  const tune = {
    ...{ trials, lanes, deterministic: { batch: 4 } },
    sampler: { kind: 'tpe', startup: 3 },
    scheduler: { kind: 'asha', min: 4, max: 36, eta: 3 },
    space: { learning_rate: { low: 0.05, high: 0.3 }, leaves: { low: 20, high: 60, integer: true } },
  };
  const spec = await desk.write(`${name}.yaml`, flightsSpec('flights.parquet', { tune }));
  return { home, args: ['tune', spec, '--json', '--no-mlflow', '--home', home] };
}

/** What it came to, and who did it: lanes, and attempts at what a killed run was at. */
async function studyIn(home: string) {
  const shown = documentOf(await desk.run(['show', 'flights', '--json', '--home', home])) as Extract<
    ShowDocument,
    { kind: 'study' }
  >;
  const { study } = shown.study;
  const replay = documentOf(await desk.run(['replay', study, '--json', '--home', home])) as ReplayDocument;
  expect(replay).toMatchObject({ suggestions: trials, difference: null });
  const claims = (await objectsBelow(join(home, 'store/studies'), '/claims/')) as Claim[];
  return {
    study,
    trials: shown.trials,
    table: JSON.stringify(shown.trials, untimed, 1),
    lanes: new Set(claims.map(({ lane }) => lane)).size,
    again: claims.filter(({ attempt }) => attempt > 1).length,
  };
}

const untimed = (key: string, value: unknown) =>
  ['startedAt', 'at', 'seconds'].includes(key) ? undefined : value;

test('a study is the same to the byte by one lane, by three, and by three that are killed and given again', async () => {
  onTestFailed(() => void process.stderr.write(`FANFARE_KILL_SEED=${seed}\n`));
  const [one, three, killed] = [
    await commandOf('one', 1),
    await commandOf('three', 3),
    await commandOf('killed', 3),
  ];
  documentOf(await desk.run(one.args));
  documentOf(await desk.run(three.args));
  const events = async () =>
    [...(await filesBelow(join(killed.home, 'store/studies'))).keys()].filter((file) =>
      /\/events\//.test(file),
    );
  const { kills } = await runThrough(
    desk,
    { args: killed.args, env: {} },
    { seed, most: 6, progress: async () => (await events()).length, seen: async () => {} },
  );

  const alone = await studyIn(one.home);
  expect(alone.trials).toHaveLength(trials);
  const states = alone.trials.map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(['complete', 'pruned']));
  expect(alone).toMatchObject({ lanes: 1, again: 0 });

  const together = await studyIn(three.home);
  expect(together).toMatchObject({ study: alone.study, lanes: 3, again: 0 });
  expect(together.table).toBe(alone.table);

  const through = await studyIn(killed.home);
  expect(kills.length).toBeGreaterThanOrEqual(3);
  expect(through.again).toBeGreaterThan(0);
  expect(through.study).toBe(alone.study);
  expect(through.table).toBe(alone.table);
});
