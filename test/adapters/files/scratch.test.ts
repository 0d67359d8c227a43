import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileStore } from '../../../adapters/files/file-store.ts';
import { scratch, sweepScratch, writeScratch } from '../../../adapters/files/scratch.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-scratch-'));
  await fileStore(folder).put('a', new Uint8Array(1));
});
afterEach(() => rm(folder, { recursive: true }));

const unfinished = () => readdir(join(folder, scratch));

/** What another process has half written, as it would name it, until that is killed. */
async function writeElsewhere() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const mine = await writeScratch(folder, [new Uint8Array(9)]);
  await rename(mine, mine.replace(nameOf(process.pid), nameOf(child.pid!)));
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
}

/** Field 22 of proc(5), when it began, is the 20th after the command's parenthesis; nothing on other systems. */
function nameOf(pid: number): string {
  if (!existsSync('/proc/self/stat')) return `${pid}-`;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return `${pid}-${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}

test('what a killed process was about to write is cleared away, and what the living write stays', async () => {
  const kill = await writeElsewhere();
  try {
    await writeScratch(folder, [new Uint8Array(9)]);
    await sweepScratch(folder);
    expect(await unfinished()).toHaveLength(2);
  } finally {
    await kill();
  }
  await sweepScratch(folder);
  expect(await unfinished()).toEqual([expect.stringMatching(`^${process.pid}-`)]);
});

test('a folder that holds no store yet has nothing to clear, and is not made', async () => {
  await sweepScratch(join(folder, 'none'));
  expect(await readdir(folder)).not.toContain('none');
});
