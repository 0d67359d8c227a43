import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { Reject } from '../../core/contracts/job.ts';
import { keys } from '../../core/contracts/keys.ts';
import { Partition, type Prediction } from '../../core/contracts/records.ts';
import { readLines } from '../../core/steps/lines.ts';
import { readObject } from '../../core/steps/objects.ts';
import { bringMended } from '../../library/mend.ts';
import { byteSource } from '../support/byte-source.ts';
import { type EchoWorld, echoWorld } from '../support/echo-world.ts';

let world: EchoWorld;
let parent: Prediction;
let lines: Reject[];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-mend-'));
  world = await echoWorld();
  const rows = Array.from({ length: 40 }, (_, row) => `${row % 10 === 3 ? 'far' : row},1,1,true,${row},,s`);
  const source = byteSource(`x,n,k,b,id,t,s\n${rows.join('\n')}\n`, 'new.csv');
  parent = await world.predict(source, {}, { shards: 4 });
  lines = await world.rejects(parent);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function bring(written: readonly unknown[]): Promise<string> {
  const file = join(folder, 'mended.ndjson');
  await writeFile(file, written.map((line) => `${JSON.stringify(line)}\n`).join('\n'));
  return bringMended(world.store, parent, file);
}

async function brought(digest: string): Promise<Reject[]> {
  const parts = await readObject(world.store, keys.mended(parent.prediction, digest), z.array(Partition));
  return (await Promise.all(parts.map((part) => readLines(world.store, part, Reject)))).flat();
}

describe('an edited copy of the rejects', () => {
  test('takes the places of the lines that it has, whatever their order, and leaves the others', async () => {
    expect(lines.map(({ row }) => row)).toEqual([3, 13, 23, 33]);
    const [first, , , last] = lines;
    const digest = await bring([
      { ...last, raw: '33,1,1,true,33,,s', offset: 0 },
      { ...first, raw: '3,1,1,true,3,,s', reason: 'mended' },
    ]);
    expect(await brought(digest)).toEqual([
      { ...first, raw: '3,1,1,true,3,,s', reason: 'mended' },
      lines[1],
      lines[2],
      { ...last, raw: '33,1,1,true,33,,s' },
    ]);
  });

  test('has a digest of its own, the same whenever it is brought', async () => {
    const mended = { ...lines[0]!, raw: '3,1,1,true,3,,s' };
    const digest = await bring([mended]);
    expect(await bring([mended, lines[1]])).toBe(digest);
    expect(await bring([{ ...mended, raw: '4,1,1,true,3,,s' }])).not.toBe(digest);
  });

  test('is refused by its line where that is none of the rejects, or stands twice', async () => {
    await expect(bring([lines[0], { ...lines[1], row: 14 }])).rejects.toThrow(
      `mended.ndjson, line 3: ${parent.prediction} did not reject row 14 of file:///tables/new.csv`,
    );
    await expect(bring([lines[0], lines[0]])).rejects.toThrow('line 3: line 1 has the same file and row');
    await expect(bring([{ row: 3 }])).rejects.toThrow('line 1: it is no line of rejects/');
    await expect(bringMended(world.store, parent, join(folder, 'none'))).rejects.toMatchObject({
      name: 'MissingInput',
      message: expect.stringMatching(/^--from .*none: there is no such file$/),
    });
  });
});
