import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { scratch } from '../../adapters/files/scratch.ts';
import type { Claim, StudyEvent } from '../../core/contracts/study.ts';
import { type MlflowServer, startMlflow } from '../../local/mlflow-server.ts';
import { type Desk, documentOf, filesBelow, objectsBelow, openDesk } from '../support/cli.ts';
import { colorRows, csvOf } from '../support/colors.ts';
import { flightsSpec, writeFlights } from '../support/flights.ts';
import { runThrough } from '../support/kills.ts';
import { mlflowRecord } from '../support/mlflow-record.ts';
import { processesAt } from '../support/processes.ts';

/** Which moments are drawn; named when a test fails. */
const seed = process.env.FANFARE_KILL_SEED ?? String(Date.now());

let desk: Desk;
let server: MlflowServer;

beforeAll(async () => {
  desk = await openDesk();
  server = await startMlflow({ venv: resolve('.venv'), folder: desk.path('mlflow') });
  await desk.write('colors.csv', csvOf(colorRows(600), ['x', 'hit']));
  await writeFlights(desk.path('flights.parquet'), 20_000);
});

afterAll(async () => {
  await server?.close();
  await desk?.clear();
});

/** Boosts stumps on the first input, a tree a step; says to a file that it trained one, and where this run of it began. */
const countedTrees = (log: string): string => `import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTrainable } from 'fanfare';
export default defineTrainable<{ rate: number }, { x: number[]; y: number[] }>({
  resource: 'trees',
  async load(data) {
    const [x, y] = [[], []] as [number[], number[]];
    for await (const rows of data.train()) {
      x.push(...rows.numbers('x'));
      y.push(...data.target(rows));
    }
    return { x, y };
  },
  async *train({ params, trial, loaded: { x, y }, from, until }) {
    const sums = from.checkpoint ? new Float64Array(from.checkpoint.slice().buffer) : new Float64Array(x.length);
    for (let tree = from.resource; tree < until; tree++) {
      const cut = ((tree * 7 + 3) % 20) / 20;
      const mean = (right: boolean) => {
        const rows = [...x.keys()].filter((row) => x[row] > cut === right);
        return rows.reduce((sum, row) => sum + y[row] - sums[row], 0) / Math.max(1, rows.length);
      };
      const leaves = [mean(false), mean(true)];
      for (const row of x.keys()) sums[row] += params.rate * leaves[Number(x[row] > cut)];
      await sleep(150);
      appendFileSync(${JSON.stringify(log)}, JSON.stringify({ trial, tree, from: from.resource, at: Date.now() }) + '\\n');
      const value = Math.sqrt(x.reduce((sum, _, row) => sum + (y[row] - sums[row]) ** 2, 0) / x.length);
      yield { resource: tree + 1, value, checkpoint: () => new Uint8Array(sums.slice().buffer) };
    }
  },
});
`;

interface Tree {
  readonly trial: number;
  readonly tree: number;
  /** So many had the trial when this run of it began. */
  readonly from: number;
  readonly at: number;
}

/** When each rung's result was written, by its file: `00003-1`. */
const resultsIn = async (study: string): Promise<Map<string, number>> =>
  new Map([...(await filesBelow(join(study, 'results')))].map(([file, at]) => [file.slice(0, -5), at]));

const slotOf = ({ trial, rung }: { readonly trial: number; readonly rung: number }) =>
  `${String(trial).padStart(5, '0')}-${rung}`;

/** Every trial began once; each rung's outcome is there once, and no less than what is claimed and what has a result. */
async function expectWhole(study: string, trials: number): Promise<readonly StudyEvent[]> {
  const claims = (await objectsBelow(study, 'claims/')) as Claim[];
  expect(claims.map(({ number }) => number)).toEqual(claims.map((_, number) => number));
  const begun = new Set(claims.filter(({ rung }) => rung === 0).map(({ trial }) => trial));
  expect([...begun].toSorted((a, b) => a - b)).toEqual(Array.from({ length: trials }, (_, trial) => trial));
  const events = (await objectsBelow(study, 'events/')) as StudyEvent[];
  expect(events.filter(({ outcome }) => outcome.kind !== 'reported')).toEqual([]);
  const told = events.map(slotOf).toSorted();
  expect(told).toEqual([...new Set(claims.map(slotOf))].toSorted());
  expect(told).toEqual([...(await resultsIn(study)).keys()]);
  return events;
}

/** What killed processes may leave: nothing that runs, no lock, no unfinished file. */
async function expectNothingLeft(home: string): Promise<void> {
  await expect.poll(() => processesAt(home), { timeout: 20_000 }).toEqual([]);
  expect(await readdir(join(home, 'store/locks'))).toEqual([]);
  const unfinished = [...(await filesBelow(join(home, 'store', scratch))).keys()];
  expect(unfinished.filter((file) => !file.startsWith('digests/'))).toEqual([]);
}

/** A run of the study and one of each trial, all of them ended, and each value once. */
async function expectRecorded(experiment: string, events: readonly StudyEvent[], metric: string) {
  const mlflow = mlflowRecord(server.uri);
  const runs = await mlflow.runs(experiment);
  const ofKind = (kind: string) => runs.filter(({ tags }) => tags['fanfare.kind'] === kind);
  const trials = [...new Set(events.map(({ trial }) => trial))];
  expect(ofKind('study').map(({ status }) => status)).toEqual(['FINISHED']);
  expect(
    ofKind('trial')
      .map(({ tags }) => Number(tags['fanfare.trial']?.split('/')[1]))
      .toSorted((a, b) => a - b),
  ).toEqual(trials.toSorted((a, b) => a - b));
  expect(runs.filter(({ status }) => !['FINISHED', 'KILLED'].includes(status))).toEqual([]);
  for (const { id, tags } of ofKind('trial')) {
    const steps = (await mlflow.history(id, metric)).map(([step]) => step);
    expect(steps).toEqual([...new Set(steps)]);
    const of = events.filter(({ trial }) => tags['fanfare.trial']?.endsWith(`/${trial}`));
    const most = Math.max(...of.map(({ outcome }) => (outcome.kind === 'reported' ? outcome.resource : 0)));
    expect(steps.at(-1)).toBe(most);
  }
}

/** Files that a step writes when its work is done. */
const durable = /\/(receipts|results)\/|\/(manifest|conclusions\/\d+)\.json$/;

/** When each file was written of the rungs that have a result: it, their checkpoint, their model. */
async function finishedIn(studies: string): Promise<[string, number][]> {
  const files = [...(await filesBelow(studies))];
  const slotIn = (file: string) =>
    /^(.*)\/(?:results|checkpoints|models)\/(\d+-\d+)\./.exec(file)?.slice(1).join();
  const finished = new Set(
    files.filter(([file]) => file.includes('/results/')).map(([file]) => slotIn(file)),
  );
  return files.filter(([file]) => finished.has(slotIn(file)) && slotIn(file) !== undefined);
}

/** Runs the command through kills; nothing of a rung that was finished at one of them is ever written again. */
async function killed(name: string, home: string, args: readonly string[]) {
  onTestFailed(() => void process.stderr.write(`FANFARE_KILL_SEED=${seed}\n`));
  const studies = join(home, 'store/studies');
  const found: (readonly [string, number])[][] = [];
  const env = { MLFLOW_TRACKING_URI: server.uri };
  const command = { args: [...args, '--json', '--home', home], env };
  const { kills, document } = await runThrough(desk, command, {
    seed: `${seed}/${name}`,
    progress: async () => {
      const files = await readdir(join(home, 'store'), { recursive: true }).catch(() => []);
      return files.filter((file) => durable.test(file)).length;
    },
    seen: async () => void found.push(await finishedIn(studies)),
  });
  const [study = ''] = await readdir(studies);
  const last = await finishedIn(studies);
  for (const before of found) expect(last).toEqual(expect.arrayContaining(before));
  expect((await desk.run(['sync', '--home', home], env)).stdout).toBe('MLflow has everything\n');
  await expectNothingLeft(home);
  return { study: join(studies, study), document, kills: kills.length };
}

const rungs = [2, 4, 8];
const trials = 24;

/** A study of trees that are counted, killed until it is done. Answers with the number of kills. */
async function countsTrees(name: string): Promise<number> {
  const log = desk.path(`${name}.log`);
  await desk.write(`${name}.ts`, countedTrees(log));
  const tune = {
    trainable: `./${name}.ts`,
    metric: { name: 'error', mode: 'min' },
    ...{ trials, lanes: 2, scheduler: { kind: 'asha', min: 2, max: 8, eta: 2 } },
    space: { rate: { low: 0.05, high: 0.5 } },
  };
  const file = await desk.write(
    `${name}.yaml`,
    JSON.stringify({ name, table: 'colors.csv', target: 'hit', tune }),
  );
  const { study, kills } = await killed(name, desk.path(name), ['tune', file]);

  const events = await expectWhole(study, trials);
  await expectRecorded(name, events, 'error');
  const results = await resultsIn(study);
  const trees = (await readFile(log, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Tree);
  const rungOf = ({ tree }: Tree) => rungs.findIndex((until) => tree < until);
  const resultOf = (tree: Tree) => results.get(slotOf({ trial: tree.trial, rung: rungOf(tree) }))!;
  expect(trees.filter((tree) => tree.at > resultOf(tree))).toEqual([]);
  // A rung goes on where the one before it ended: what was paid for there is not paid for again.
  expect(trees.filter((tree) => tree.from !== (rungs[rungOf(tree) - 1] ?? 0))).toEqual([]);
  const needed = events.reduce((sum, { rung }) => sum + rungs[rung]! - (rungs[rung - 1] ?? 0), 0);
  expect(new Set(trees.map(({ trial, tree }) => `${trial}/${tree}`)).size).toBe(needed);
  process.stderr.write(`${name}: ${kills} kills, ${trees.length} trees trained, ${needed} needed\n`);
  return kills;
}

/** A pipeline of one lane, killed until it is done, and one that is left alone. Answers with the number of kills. */
async function comesToTheSame(name: string, tuneSeed: number): Promise<number> {
  const tune = {
    ...{ trials: 24, lanes: 1, seed: tuneSeed, scheduler: { kind: 'asha', min: 4, max: 36, eta: 3 } },
    space: {
      learning_rate: { low: 0.05, high: 0.3, log: true },
      leaves: { low: 15, high: 60, integer: true },
    },
  };
  const text = flightsSpec('flights.parquet', { name, tune, model: { name } });
  const file = await desk.write(`${name}.yaml`, text);
  const { study, document, kills } = await killed(name, desk.path(name), ['pipeline', file]);
  const home = desk.path(`${name}-alone`);
  const alone = documentOf(await desk.run(['pipeline', file, '--json', '--no-mlflow', '--home', home]));

  const events = await expectWhole(study, 24);
  await expectRecorded(name, events, 'auc');
  expect(await mlflowRecord(server.uri).model(name)).toEqual({
    versions: ['1'],
    aliases: { champion: '1', challenger: '1' },
  });
  const shared = ['split', 'tune', 'predict', 'evaluation', 'files'];
  const same = (of: unknown) => Object.entries(Object(of)).filter(([key]) => shared.includes(key));
  expect(same(document)).toEqual(same(alone));
  const calm = (await objectsBelow(join(home, 'store/studies'), 'events/')) as StudyEvent[];
  expect(untimed(events)).toEqual(untimed(calm));
  process.stderr.write(`${name}: ${kills} kills\n`);
  return kills;
}

const untimed = (events: readonly StudyEvent[]) =>
  events
    .map(({ trial, rung, params, outcome }) => ({ trial, rung, params, outcome: { ...outcome, seconds: 0 } }))
    .toSorted((a, b) => a.trial - b.trial || a.rung - b.rung);

/** Study after study, until there were so many kills. */
async function untilKills(count: number, killOne: (round: number) => Promise<number>): Promise<void> {
  for (let [round, kills] = [0, 0]; kills < count; round++) kills += await killOne(round);
}

describe('a command that is killed again and again, given again each time,', () => {
  it('trains no tree of a finished rung twice, loses and doubles no trial, and leaves nothing behind', () =>
    untilKills(25, (round) => countsTrees(`trees-${round}`)));

  it('comes to the trials, the model and the predictions of a pipeline that was left alone', () =>
    untilKills(25, (round) => comesToTheSame(`flights-${round}`, round)));
});
