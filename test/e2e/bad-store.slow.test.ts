import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type Desk,
  documentOf,
  type Ended,
  filesBelow,
  objectsBelow,
  openDesk,
  refusal,
} from '../support/cli.ts';
import { writeFlights } from '../support/flights.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  await writeFlights(desk.path('flights.parquet'), 4000);
});

afterAll(() => desk?.clear());

/** Studies of one dataset, told apart by their seed: a rung of 5 rounds and one of 100. */
const command = async (seed: number) => {
  const tune = {
    ...{ trials: 2, lanes: 1, seed, scheduler: { kind: 'asha', min: 5, max: 100, eta: 20 } },
    space: { leaves: [63], learning_rate: { low: 0.1, high: 0.2 } },
  };
  const spec = { name: 'store', table: 'flights.parquet', target: { column: 'delay', above: 15 }, tune };
  return ['tune', await desk.write(`store-${seed}.yaml`, JSON.stringify(spec)), '--no-mlflow', '--json'];
};

/** The command on a disk on which no file may be longer than 512 or 1,024 bytes (as the shell has it) times `blocks`. */
const withLimit = (args: readonly string[], blocks: number): Promise<Ended> =>
  new Promise((done) => {
    const limited = ['-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', process.execPath];
    const all = [...limited, resolve('dist/cli/fanfare.mjs'), ...args, '--home', desk.home];
    const child = execFile('sh', all, { env: { ...process.env, NO_COLOR: '1' } }, (_, stdout, stderr) =>
      done({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
    );
  });

const told = async () =>
  (await objectsBelow(join(desk.home, 'store/studies'), '/events/')) as { outcome: object }[];

it('a disk that fills up is named; once there is room, the same command goes on, and no trial was lost', async () => {
  const tune = await command(0);
  // A tiny disk has no room for the split's first partition.
  const nothing = refusal(await withLimit(tune, 64));
  expect(nothing).toMatch(
    /^StoreFailed: the place of the folder .*store is full \(EFBIG: .*\); nothing that was written is lost: /,
  );
  // One that is larger has room for everything but the model of 100 rounds.
  const message = refusal(await withLimit(tune, 500));
  expect(message).toMatch(
    /^StudyFailed: study store-[0-9a-f]{12} is not done \(.* StoreFailed: the place of the folder .*store is full /,
  );
  expect(message).toMatch(/what it has is kept, and the same command goes on from there$/);
  const before = await told();
  expect(before).toHaveLength(2);
  expect(before).toMatchObject([{ outcome: { kind: 'reported' } }, { outcome: { kind: 'reported' } }]);
  expect((await readdir(join(desk.home, 'store/.tmp'))).filter((name) => name !== 'digests')).toEqual([]);

  expect(documentOf(await desk.run(tune))).toMatchObject({ tune: { trials: 2, failed: 0 } });
  expect(await told()).toEqual(expect.arrayContaining(before));
});

it('a partition that was altered is named; once it is back, the same command goes on, and no trial was lost', async () => {
  const [dataset] = await readdir(join(desk.home, 'store/datasets'));
  const folder = join(desk.home, 'store/datasets', dataset!);
  const key = [...(await filesBelow(folder)).keys()].find((name) => name.startsWith('validation/'))!;
  const whole = await readFile(join(folder, key));
  const tune = await command(1);
  const changed = whole.with(whole.length - 200, whole.at(-200)! ^ 1);
  for (const bytes of [changed, whole.subarray(0, -1000)]) {
    await writeFile(join(folder, key), bytes);
    expect(refusal(await desk.run(tune))).toContain(
      `StoreFailed: object datasets/${dataset}/${key} is changed (sha256 `,
    );
  }
  await rm(join(folder, key));
  const gone = refusal(await desk.run(tune));
  expect(gone).toContain(`object datasets/${dataset}/${key} is gone; its manifest says sha256 `);
  expect(gone).toContain(
    `Put it back or remove datasets/${dataset}/, which the same command then makes anew`,
  );
  await writeFile(join(folder, key), whole);
  expect(documentOf(await desk.run(tune))).toMatchObject({ tune: { trials: 2, failed: 0 } });
});

it('bins that were altered are made anew, and a dataset that was removed as well', async () => {
  const datasets = join(desk.home, 'store/datasets');
  const before = await filesBelow(datasets);
  const name = [...before.keys()].find((file) => /bins\/.*train-00000\.bin$/.test(file))!;
  const whole = await readFile(join(datasets, name));
  await writeFile(join(datasets, name), whole.with(0, whole[0]! ^ 1));
  expect(documentOf(await desk.run(await command(2)))).toMatchObject({ tune: { trials: 2, failed: 0 } });
  expect((await readFile(join(datasets, name))).equals(whole)).toBe(true);

  await rm(datasets, { recursive: true });
  expect(documentOf(await desk.run(await command(3)))).toMatchObject({ tune: { trials: 2, failed: 0 } });
  // But for why a shard was once lost, on the disk that was full.
  const whatIsLeft = [...before.keys()].filter((file) => !file.includes('/losses/'));
  expect([...(await filesBelow(datasets)).keys()]).toEqual(whatIsLeft);
});

// Node's own mkdir never came back from there.
it.runIf(process.platform === 'linux')(
  'a home in a folder that takes none is named by every command that writes',
  async () => {
    const home = ['--home', '/proc/fanfare'];
    const doctor = await desk.run(['doctor', '--json', ...home]);
    expect(doctor.code).toBe(1);
    expect(JSON.parse(doctor.stdout).checks).toContainEqual({
      ...{ check: 'home', state: 'fail' },
      found: "/proc/fanfare: ENOENT: no such file or directory, mkdir '/proc/fanfare'",
      advice: 'name a folder that can be written: --home, or FANFARE_HOME',
    });
    const tune = await command(2);
    for (const args of [tune, ['split', ...tune.slice(1)]]) {
      expect(refusal(await desk.run([...args, ...home]))).toContain(
        'StoreFailed: the place of the folder /proc/fanfare/store cannot be written to (ENOENT: ',
      );
    }
    expect(documentOf(await desk.run(['list', '--json', ...home]))).toMatchObject({ studies: [] });
  },
);
