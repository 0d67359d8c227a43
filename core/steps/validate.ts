import type { Study } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import { ScoreCounter } from '../metrics/score-counter.ts';
import type { ScoreCounts } from '../metrics/score-counts.ts';
import { type Labelled, labelledBatches } from '../training/labelled.ts';
import type { ModelData } from './model-data.ts';
import type { Ports } from './ports.ts';
import { learnsDigest, trainingTable } from './training-table.ts';

/** A validation side whose partitions are larger is read anew for each model, a partition at a time. */
const mostWarmBytes = 128 * 2 ** 20;

/** So far may the file's probabilities be from the trainer's. */
const sameProbability = 1e-5;

/**
 * The scores of the validation rows, from the file that will predict and as it will (see `Ports.loadModel`). `own`: what
 * the trainer says of the first of them; `TrainableFailed` if the file says otherwise.
 */
export async function scoreValidation(
  study: Study,
  data: ModelData,
  file: Uint8Array,
  own: Float32Array,
  ports: Ports,
): Promise<ScoreCounts> {
  const model = await ports.loadModel(file);
  const counter = new ScoreCounter();
  let rows = 0;
  try {
    for await (const { batch, labels } of await validationRows(study, data, ports)) {
      const { probability } = await model.run(batch, ['probability']);
      const scores = probability as Float32Array;
      requireSame(own.subarray(rows, rows + scores.length), scores);
      counter.add(scores, labels);
      rows += scores.length;
    }
    // Rows that only the trainer scored.
    requireSame(own.subarray(rows), new Float32Array(0));
    return counter.counts();
  } finally {
    await model.release();
  }
}

function requireSame(own: Float32Array, exported: Float32Array): void {
  let worst = own.length <= exported.length ? 0 : Number.POSITIVE_INFINITY;
  for (let row = 0; row < own.length; row++) worst = Math.max(worst, Math.abs(own[row]! - exported[row]!));
  if (worst <= sameProbability) return;
  throw new FanfareError(
    'TrainableFailed',
    `the exported model differs from the trained one by up to ${worst} on the validation rows (allowed: ${sameProbability})`,
  );
}

/** Validation rows that have a label, in the dataset's order. Those of a small side stay in memory between the trials that a process scores. */
export async function validationRows(
  study: Study,
  data: ModelData,
  ports: Ports,
): Promise<AsyncIterable<Labelled> | readonly Labelled[]> {
  const bytes = data.partitions.validation.reduce((sum, partition) => sum + partition.bytes, 0);
  const read = () => labelledBatches(trainingTable(ports.store, data, study), 'validation');
  if (bytes > mostWarmBytes) return read();
  const key = `${data.dataset}/${data.folder}${await learnsDigest(study)}`;
  return ports.warm.keep('validation', key, async () => {
    const rows: Labelled[] = [];
    for await (const part of read()) rows.push(part);
    return rows;
  });
}
