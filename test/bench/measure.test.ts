import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../bench/measure.mjs';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-measure-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

const node = (code: string, besides: readonly number[] = []) =>
  runProgram(process.execPath, ['-e', code], { besides });

/** Works for so many milliseconds of its processor, and lives on long enough to be looked at. */
const work = (ms: number): string => `
  const spent = () => process.cpuUsage().user + process.cpuUsage().system;
  const end = spent() + ${ms}e3;
  while (spent() < end) for (let i = 0; i < 1e7; i++);
  setTimeout(() => {}, 400);`;

describe.runIf(existsSync('/proc/self/stat'))('the processor time of a program', () => {
  it('is that of all processes it starts, orphans included', async () => {
    const orphan = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(work(300))}], { detached: true, stdio: 'inherit' }).unref()`;
    const { cpuSeconds } = await node(`${orphan}; setTimeout(() => {}, 300)`);
    expect(cpuSeconds).toBeGreaterThan(0.28);
  });

  it('holds what a server did for it, and not what that did before', async () => {
    const done = join(folder, 'done');
    const server = spawn(process.execPath, [
      '-e',
      `{${work(900)}} process.stdout.write('.');
       process.stdin.once('data', () => { ${work(300)} setTimeout(() => require('fs').writeFileSync('${done}', ''), 400) })`,
    ]);
    try {
      await new Promise((ready) => server.stdout.once('data', ready));
      const measured = node(
        `const timer = setInterval(() => require('fs').existsSync('${done}') && clearInterval(timer), 200)`,
        [server.pid!],
      );
      server.stdin.write('.');
      const { cpuSeconds } = await measured;
      expect(cpuSeconds).toBeGreaterThan(0.28);
      expect(cpuSeconds).toBeLessThan(0.9);
    } finally {
      server.kill('SIGKILL');
    }
  });
});

it('a program that fails is told with the end of what it said', async () => {
  const failing = node("console.error('no such table'); process.exit(3)");
  await expect(failing).rejects.toThrow(/ended with 3:\nno such table$/);
});
