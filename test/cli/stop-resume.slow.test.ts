import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, documentOf, openDesk, refusal } from '../support/cli.ts';
import { colorRows, csvOf } from '../support/colors.ts';

let desk: Desk;
let spec: string;

beforeAll(async () => {
  desk = await openDesk();
  await desk.write('colors.csv', csvOf(colorRows(4000), ['x', 'color', 'hit']));
  const space = { learning_rate: { low: 0.01, high: 0.3 }, leaves: 31 };
  spec = await desk.write(
    'colors.yaml',
    JSON.stringify({
      ...{ name: 'colors', table: 'colors.csv', target: 'hit' },
      tune: { trials: 60, lanes: 2, scheduler: { kind: 'none', max: 150 }, space },
    }),
  );
});

afterAll(() => desk?.clear());

test('stop ends the process that runs a name, and resume does the rest of what it was asked for', async () => {
  const running = desk.start(['tune', spec, '--json', '--no-mlflow']);
  await expect.poll(() => running.said().stderr, { timeout: 60_000 }).toMatch(/trial \d+, rung 0: /);
  const { stdout } = await desk.run(['stop', 'colors']);
  expect(stdout).toMatch(new RegExp(`^stopped process ${running.child.pid} \\(fanfare tune `));
  const ended = await running.ended;
  // 128 and the number of SIGTERM.
  expect(ended.code).toBe(143);
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { name: 'Interrupted', exit: 143 } });
  expect(ended.stderr).toMatch(
    /^fanfare: interrupted; the same command goes on from here\n {2}or: npx fanfare resume colors --home \S+ --no-mlflow$/m,
  );
  expect((await desk.run(['stop', 'colors'])).stdout).toContain('nothing named colors runs');

  const resumed = await desk.run(['resume', 'colors', '--json', '--no-mlflow']);
  expect(documentOf(resumed)).toMatchObject({ split: expect.any(Object), tune: { trials: 60, failed: 0 } });
  const before = ended.stderr.match(/trial \d+, rung 0: /g)?.length ?? 0;
  const after = resumed.stderr.match(/trial \d+, rung 0: /g)?.length ?? 0;
  expect(before).toBeGreaterThan(0);
  expect(after).toBeLessThan(60);
});

test('what was never run cannot be resumed', async () => {
  expect(refusal(await desk.run(['resume', 'nobody', '--no-mlflow']))).toContain(
    'nothing named nobody was run in',
  );
});
