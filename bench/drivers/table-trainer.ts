// node dist/bench/table-trainer.mjs TRAINABLE FOLDER: one of our trainables on the table that bench/peers/make_training_table.py
// made, one training a line of stdin. What it takes and says is told in bench/peers/training_table.py.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadModel } from '../../adapters/onnxruntime/load-model.ts';
import { openGraph } from '../../adapters/onnxruntime/open-graph.ts';
import { joinBytes, joinNumbers } from '../../core/bytes.ts';
import { Task } from '../../core/contracts/task.ts';
import { metricOf } from '../../core/metrics/metrics.ts';
import { decodeArrow } from '../../core/tables/arrow-decode.ts';
import type { Batch } from '../../core/tables/batch.ts';
import { trainables } from '../../core/trainables/registered.ts';
import { labelsOf } from '../../core/training/target.ts';
import type { TrainingTable } from '../../core/training/trainable.ts';

const [name = '', folder = ''] = process.argv.slice(2);
const trainable = trainables[name];
if (trainable === undefined) throw new Error(`no trainable ${name}`);
const told = JSON.parse(await readFile(join(folder, 'table.json'), 'utf8'));
const target = { kind: 'column', column: told.target } as const;
const task = Task.parse({
  kind: told.task,
  ...(told.classes > 0 && { classes: [...Array(told.classes).keys()] }),
});

const began = process.cpuUsage();
const [train, test] = await Promise.all(['train', 'test'].map((side) => readSide(side)));
const table: TrainingTable = {
  fields: train![0]!.fields,
  inputs: told.inputs,
  target,
  task,
  partitions: () => [],
  async *batches(side) {
    yield* side === 'train' ? train! : test!;
  },
  gathered: (pass, request) => pass.gather(request, table),
};
const objects = new Map<string, Uint8Array>();
const cache = {
  read: async (key: string) => objects.get(key),
  write: async (key: string, bytes: Uint8Array) => void objects.set(key, bytes),
};
await trainable.prepare(table, cache);
const prepared = await trainable.load(cache, table, { openGraph });
say({ ready: true, rows: rowsOf(train!), test_rows: rowsOf(test!), prepare_cpu_s: cpuSince(began) });

for await (const line of createInterface({ input: process.stdin })) {
  const { params, rounds, seed } = JSON.parse(line);
  const cpu = process.cpuUsage();
  const clock = performance.now();
  const rung = { trial: 0, until: rounds, most: rounds };
  const run = trainable.start(prepared, trainable.params.parse(params), seed, undefined, rung);
  while (run.resource < rounds && !run.ended) await run.advance(rounds, () => false);
  const spent = { train_cpu_s: cpuSince(cpu), train_s: (performance.now() - clock) / 1000 };
  const file = await run.toOnnx();
  await run.close?.();
  say({ score: await testScore(file!), ...spent });
}

/** Of the exported file, as it will predict: AUC, accuracy or RMSE. */
async function testScore(file: Uint8Array): Promise<number> {
  const model = await loadModel(file);
  const output = task.kind === 'regression' ? 'prediction' : 'probability';
  const parts: Uint8Array[] = [];
  const labels: Float64Array[] = [];
  for (const batch of test!) {
    const { [output]: predicted } = await model.run(batch, [output]);
    parts.push(new Uint8Array((predicted as Float32Array).slice().buffer));
    labels.push(labelsOf(batch, target, task));
  }
  await model.release();
  const predictions = new Float32Array(joinBytes(parts).buffer);
  const score = { binary: 'auc', multiclass: 'accuracy', regression: 'rmse' } as const;
  return metricOf(score[task.kind], task, { predictions, labels: joinNumbers(labels) });
}

async function readSide(side: string): Promise<Batch[]> {
  return decodeArrow(await readFile(join(folder, `${side}.arrow`)));
}

function rowsOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { rows }) => sum + rows, 0);
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
