// node dist/bench/gbdt-trainer.mjs STORE DATASET: `gbdt` on the dataset's train side, one training a line of stdin. What it
// takes and says is told in bench/peers/lightgbm_trainer.py, which does the same with LightGBM.
import { createInterface } from 'node:readline';
import { fileStore } from '../../adapters/files/file-store.ts';
import { loadModel } from '../../adapters/onnxruntime/load-model.ts';
import { joinBytes, joinNumbers } from '../../core/bytes.ts';
import { keys } from '../../core/contracts/keys.ts';
import { Dataset } from '../../core/contracts/records.ts';
import { noOrYes } from '../../core/contracts/task.ts';
import { metricOf } from '../../core/metrics/metrics.ts';
import { readPartition } from '../../core/steps/job.ts';
import { modelData } from '../../core/steps/model-data.ts';
import { readObject } from '../../core/steps/objects.ts';
import { trainingCache, trainingTable } from '../../core/steps/training-table.ts';
import { decodeArrow } from '../../core/tables/arrow-decode.ts';
import { gbdt } from '../../core/training/gbdt/gbdt.ts';
import { labelsOf } from '../../core/training/target.ts';

const [folder = '', id = ''] = process.argv.slice(2);
const store = fileStore(folder);
const target = { kind: 'above', column: 'delay', above: 15 } as const;
const inputs = ['date', 'distance', 'origin', 'destination'];
const learns = { trainable: 'gbdt', inputs, target, task: noOrYes, weight: null };

const began = process.cpuUsage();
const dataset = await readObject(store, keys.datasetManifest(id), Dataset);
const data = modelData(dataset);
const cache = await trainingCache(store, data, learns);
await gbdt.prepare(trainingTable({ store }, data, learns), cache);
const prepared = await gbdt.load(cache);
const { train: rows, test: testRows } = dataset.rows;
say({ ready: true, rows, test_rows: testRows, prepare_cpu_s: cpuSince(began) });

for await (const line of createInterface({ input: process.stdin })) {
  const { params, rounds, seed } = JSON.parse(line);
  const cpu = process.cpuUsage();
  const clock = performance.now();
  const run = gbdt.start(prepared, gbdt.params.parse(params), seed);
  await run.advance(rounds, () => false);
  const spent = { train_cpu_s: cpuSince(cpu), train_s: (performance.now() - clock) / 1000 };
  say({ auc: await testAuc(run.toOnnx()!), ...spent });
}

/** Of the exported file, in ONNX Runtime. */
async function testAuc(file: Uint8Array): Promise<number> {
  const model = await loadModel(file);
  const scores: Uint8Array[] = [];
  const labels: Float64Array[] = [];
  for (const partition of dataset.partitions.test) {
    for (const batch of decodeArrow(await readPartition(store, partition))) {
      const { probability } = await model.run(batch, ['probability']);
      scores.push(new Uint8Array((probability as Float32Array).slice().buffer));
      labels.push(labelsOf(batch, target, noOrYes));
    }
  }
  await model.release();
  return metricOf('auc', noOrYes, {
    predictions: new Float32Array(joinBytes(scores).buffer),
    labels: joinNumbers(labels),
  });
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
