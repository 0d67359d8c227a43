import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayDocument } from '../../library/index.ts';
import {
  type Desk,
  documentOf,
  filesBelow,
  objectsBelow,
  openDesk,
  type Running,
  until,
} from '../support/cli.ts';
import { flightsSpec, writeFlights } from '../support/flights.ts';
import { type Child, childrenOf, isAlive } from '../support/processes.ts';

const trials = 8;
const space = { learning_rate: { low: 0.05, high: 0.2 }, leaves: { low: 100, high: 250, integer: true } };

interface Told {
  readonly trial: number;
  readonly rung: number;
  readonly outcome: { readonly kind: string };
}

let desk: Desk;
let command: string[];
let study: string;

beforeAll(async () => {
  desk = await openDesk();
  await writeFlights(desk.path('flights.parquet'), 20_000);
});

afterAll(() => desk?.clear());

/** Each test has a store of its own. */
let made = 0;
beforeEach(async () => {
  const home = desk.path(`home-${made++}`);
  const scheduler = { kind: 'asha', min: 15, max: 135, eta: 3 };
  const spec = flightsSpec('flights.parquet', { tune: { trials, lanes: 2, scheduler, space } });
  command = ['tune', await desk.write('flights.yaml', spec), '--json', '--no-mlflow', '--home', home];
  study = join(home, 'store/studies');
});

const told = async () => (await objectsBelow(study, '/events/')) as Told[];

/** Waits until so many outcomes are in the store; an end of the command before that is an error. */
const untilTold = (running: Running, count: number) =>
  until(async () => {
    if (running.child.exitCode !== null) throw new Error(`it ended too soon: ${running.said().stderr}`);
    return (await filesOf('/events/')).length >= count ? true : undefined;
  });

const filesOf = async (part: string) =>
  [...(await filesBelow(study))].filter(([file]) => file.includes(part));

const workersOf = ({ child }: Running): Promise<Child[]> => childrenOf(child.pid ?? 0);

const lefts = (workers: readonly Child[]) =>
  Promise.all(workers.map(({ pid }) => isAlive(pid))).then((alive) => alive.filter(Boolean).length);

/** Every trial began once, each rung of each was told once and no less than what is claimed. */
async function expectWhole(document: unknown): Promise<void> {
  expect(document).toMatchObject({ tune: { trials, failed: 0, best: { value: expect.any(Number) } } });
  const events = await told();
  expect(events.filter(({ outcome }) => outcome.kind !== 'reported')).toEqual([]);
  const first = events.filter(({ rung }) => rung === 0).map(({ trial }) => trial);
  expect(first.toSorted((a, b) => a - b)).toEqual(Array.from({ length: trials }, (_, trial) => trial));
  const slots = events.map(({ trial, rung }) => `${trial}-${rung}`);
  expect(new Set(slots).size).toBe(slots.length);
  const claimed = (await objectsBelow(study, '/claims/')) as Told[];
  expect(new Set(claimed.map(({ trial, rung }) => `${trial}-${rung}`))).toEqual(new Set(slots));
}

describe('fanfare tune', () => {
  it('is finished by the same command after SIGKILL, and leaves no process behind', async () => {
    const running = desk.start(command);
    await untilTold(running, 3);
    const workers = await workersOf(running);
    expect(workers.filter(({ command }) => command.includes('train.mjs'))).toHaveLength(2);
    running.child.kill('SIGKILL');
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL', stdout: '' });
    await expect.poll(() => lefts(workers), { timeout: 20_000 }).toBe(0);
    const before = await filesOf('/events/');
    expect((await filesOf('/conclusions/')).length).toBe(0);

    await expectWhole(documentOf(await desk.run(command)));
    expect(await filesOf('/events/')).toEqual(expect.arrayContaining(before));

    const replay = ['replay', 'flights', '--json', '--home', resolve(study, '../..')];
    const replayed = documentOf(await desk.run(replay)) as ReplayDocument;
    expect(replayed).toMatchObject({ suggestions: trials, difference: null, takeovers: expect.any(Number) });
    expect(replayed.takeovers).toBeGreaterThan(0);

    const [claim = ''] = (await filesOf('/claims/'))
      .map(([file]) => join(study, file))
      .toSorted()
      .slice(-1);
    await writeFile(claim, (await readFile(claim, 'utf8')).replace(/"leaves":\d+/, '"leaves":99'));
    const { code, stdout } = await desk.run(replay);
    expect(code).toBe(1);
    const { difference } = JSON.parse(stdout) as ReplayDocument;
    expect(difference).toMatchObject({ what: 'params', given: { leaves: 99 } });
  });

  it('trains a rung again whose worker process was killed, and fails no trial', async () => {
    const running = desk.start(command);
    await untilTold(running, 2);
    // One that is between two rungs is not missed: another is killed until a training was lost.
    const lost = () => running.said().stderr.includes('Train failed and is tried again');
    let killed = 0;
    while (!lost() && killed < 5) {
      const worker = (await workersOf(running)).find(({ command }) => command.includes('train.mjs'));
      if (!worker) continue;
      process.kill(worker.pid, 'SIGKILL');
      killed++;
      await expect.poll(() => isAlive(worker.pid), { timeout: 20_000 }).toBe(false);
      await untilTold(running, (await told()).length + 1);
    }
    expect(lost()).toBe(true);
    await expectWhole(documentOf(await running.ended));
  });

  it('lets nobody else in, says how to go on at SIGINT, and goes on by the same command', async () => {
    const running = desk.start(command);
    await untilTold(running, 2);
    const second = await desk.run(command);
    expect(second.code).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { name: 'AlreadyRunning', exit: 1 } });
    expect(second.stderr).toContain(`is being run by process ${running.child.pid}`);
    const workers = await workersOf(running);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: 'Interrupted', exit: 130 } });
    expect(stderr).toMatch(/^fanfare: .*interrupted; the same command goes on from here$/m);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await lefts(workers)).toBe(0);
    const before = await filesOf('/events/');

    await expectWhole(documentOf(await desk.run(command)));
    expect(await filesOf('/events/')).toEqual(expect.arrayContaining(before));
  });
});
