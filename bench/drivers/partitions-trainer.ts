// node dist/bench/partitions-trainer.mjs TRAINABLE FOLDER: one of our trainables on the partitions that
// bench/peers/make_partitions.py made, read, checked and decoded anew in each pass, one after the other; one training a line of
// stdin, from the first look at the table to the exported file.
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileStore } from '../../adapters/files/file-store.ts';
import { loadModel } from '../../adapters/onnxruntime/load-model.ts';
import { openGraph } from '../../adapters/onnxruntime/open-graph.ts';
import { Task } from '../../core/contracts/task.ts';
import { sha256 } from '../../core/digest.ts';
import { metricOf } from '../../core/metrics/metrics.ts';
import type { ModelData } from '../../core/steps/model-data.ts';
import { trainingTable } from '../../core/steps/training-table.ts';
import { decodeArrow } from '../../core/tables/arrow-decode.ts';
import { trainables } from '../../core/trainables/registered.ts';
import { labelsOf } from '../../core/training/target.ts';

const [name = '', folder = ''] = process.argv.slice(2);
const trainable = trainables[name];
if (trainable === undefined) throw new Error(`no trainable ${name}`);
const told = JSON.parse(await readFile(join(folder, 'table.json'), 'utf8'));
const target = { kind: 'column', column: told.target } as const;
const task = Task.parse({ kind: told.task, ...(told.classes > 0 && { classes: [0, 1] }) });
const store = fileStore(resolve(folder));
const test = decodeArrow(await readFile(join(folder, 'test.arrow')));

const names = Array.from(
  { length: told.partitions },
  (_, at) => `train-${String(at).padStart(5, '0')}.arrow`,
);
const partitions = {
  train: await Promise.all(names.map(partitionOf)),
  validation: [await partitionOf('test.arrow')],
};
const [first] = test;
const data: ModelData = { dataset: 'bench-000000000000', fields: first!.fields, partitions, folder: '' };
const learns = { trainable: name, inputs: told.inputs as string[], target, task, weight: null };
say({ ready: true, rows: told.rows, test_rows: told.test_rows, prepare_cpu_s: 0 });

for await (const line of createInterface({ input: process.stdin })) {
  const { params, rounds, seed } = JSON.parse(line);
  const cpu = process.cpuUsage();
  const clock = performance.now();
  const objects = new Map<string, Uint8Array>();
  const cache = {
    read: async (key: string) => objects.get(key),
    write: async (key: string, bytes: Uint8Array) => void objects.set(key, bytes),
  };
  const table = trainingTable({ store, partBytes: Number.POSITIVE_INFINITY }, data, learns);
  await trainable.prepare(table, cache);
  const prepared = await trainable.load(cache, table, { openGraph });
  const rung = { trial: 0, until: rounds, most: rounds };
  const run = trainable.start(prepared, trainable.params.parse(params), seed, undefined, rung);
  while (run.resource < rounds && !run.ended) await run.advance(rounds, () => false);
  const file = await run.toOnnx();
  const spent = {
    train_cpu_s: cpuSince(cpu),
    train_s: (performance.now() - clock) / 1000,
    rounds: run.resource,
  };
  say({ score: await testScore(file!), ...spent });
}

/** Of the exported file, as it will predict: AUC or RMSE. */
async function testScore(file: Uint8Array): Promise<number> {
  const model = await loadModel(file);
  const output = task.kind === 'regression' ? 'prediction' : 'probability';
  const predictions = new Float32Array(told.test_rows);
  const labels = new Float64Array(told.test_rows);
  let row = 0;
  for (const batch of test) {
    const { [output]: predicted } = await model.run(batch, [output]);
    predictions.set(predicted as Float32Array, row);
    labels.set(labelsOf(batch, target, task), row);
    row += batch.rows;
  }
  await model.release();
  return metricOf(task.kind === 'regression' ? 'rmse' : 'auc', task, { predictions, labels });
}

async function partitionOf(key: string) {
  const bytes = await readFile(join(folder, key));
  return { key, rows: 0, bytes: (await stat(join(folder, key))).size, sha256: await sha256(bytes) };
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
