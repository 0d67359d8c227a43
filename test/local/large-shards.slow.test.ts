import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FunctionLimits } from '../../core/contracts/functions.ts';
import { keys } from '../../core/contracts/keys.ts';
import { Prediction } from '../../core/contracts/records.ts';
import { PredictionSpec } from '../../core/contracts/spec.ts';
import { digestOf, sha256 } from '../../core/digest.ts';
import { GraphBuilder } from '../../core/onnx/graph.ts';
import { readPartition } from '../../core/steps/job.ts';
import { readObject } from '../../core/steps/objects.ts';
import { encodeJson } from '../../core/store.ts';
import { startEngine } from '../../local/engine.ts';
import { bringSource } from '../support/user-code.ts';

/** One shard, of which a batch has all rows; functions are killed at these limits, in real processes. */
const rows = 20_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-shards-'));
  const lines = Array.from({ length: rows }, (_, row) => `${row},${row / 4}\n`);
  await writeFile(join(folder, 'table.csv'), `id,x\n${lines.join('')}`);
});
afterAll(() => rm(folder, { recursive: true }));

/** Gives x back as y. */
function echoModel(): Uint8Array {
  const graph = new GraphBuilder();
  graph.output('y', 'float', graph.input('x', 'float'));
  return graph.finish({ name: 'echo', version: '1' }, new Map());
}

/** Predicts the table, twice, with a postprocess of that source. */
async function predicted(name: string, source: string, limits: Partial<FunctionLimits>) {
  const asked: string[] = [];
  const died: string[] = [];
  const engine = startEngine({
    store: join(folder, name),
    root: resolve('.'),
    mlflow: Promise.resolve(undefined),
    limits: { 'predict-shard': limits },
    onAnswer: (called, _, answer) => {
      if (called === 'predict-shard') asked.push(Object(answer).next);
    },
    onEvent: (event) => {
      if (event.kind === 'state-failed' && event.state === 'Shard') died.push(event.error);
    },
  });
  try {
    const model = echoModel();
    const digest = await sha256(model);
    await engine.store.put(keys.model(digest), model);
    const postprocess = await bringSource(engine.store, source);
    const spec = PredictionSpec.parse({
      name: 'echo',
      table: { path: join(folder, 'table.csv'), columns: { x: 'float' }, shards: 1 },
      predict: { format: 'ndjson', keep: ['id'], postprocess },
    });
    const ofSpec = await digestOf(spec);
    await engine.store.put(keys.spec(ofSpec), encodeJson(spec));
    const input = { spec: ofSpec, model: `sha256:${digest}`, dataset: null };
    const answer = Object(await engine.run('predict', input, 'first'));
    const invocations = [...asked];
    expect(await engine.run('predict', input, 'second')).toMatchObject({ prediction: answer.prediction });
    expect(asked).toEqual(invocations);
    const manifest = await readObject(engine.store, keys.predictionManifest(answer.prediction), Prediction);
    const texts: string[] = [];
    for (const part of manifest.parts) {
      texts.push(new TextDecoder().decode(await readPartition(engine.store, part)));
    }
    const lines = texts.join('').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      Array.from({ length: rows }, (_, id) => ({ id, y: id / 4 })),
    );
    return { invocations, died };
  } finally {
    await engine.close();
  }
}

test('a shard that takes longer than its function may run is predicted in pieces, whole and once', async () => {
  // 6 s in all: the first batches of 20,000 and 16,384 rows take longer than 2 s, one of 4,096 does not.
  const source = `import { setTimeout as sleep } from 'node:timers/promises';
    export default async (rows) => {
      await sleep(rows.count * 0.3);
      return rows;
    };`;
  const { invocations, died } = await predicted('time', source, { timeoutSeconds: 2 });
  expect(died.slice(0, 2)).toEqual(['Sandbox.Timedout', 'Sandbox.Timedout']);
  expect(new Set(died)).toEqual(new Set(['Sandbox.Timedout']));
  expect(invocations.length).toBeGreaterThan(2);
  expect(invocations).toEqual([...Array(invocations.length - 1).fill('continue'), 'done']);
});

test('a shard of which a batch does not fit into memory is predicted in pieces, whole and once', async () => {
  // 800 MB for all rows at once, 655 MB for 16,384, 164 MB for 4,096; held for longer than it takes to be seen.
  const source = `import { setTimeout as sleep } from 'node:timers/promises';
    export default async (rows) => {
      const held = Buffer.alloc(rows.count * 40_000, 1);
      await sleep(500);
      return held[0] === 1 ? rows : undefined;
    };`;
  const { invocations, died } = await predicted('memory', source, { memoryMiB: 480 });
  expect(died).toEqual(['Runtime.OutOfMemory', 'Runtime.OutOfMemory']);
  expect(invocations).toEqual(['done']);
});
