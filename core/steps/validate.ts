import type { Dataset } from '../contracts/records.ts';
import type { Study } from '../contracts/study.ts';
import { digestOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { ScoreCounter } from '../metrics/score-counter.ts';
import type { ScoreCounts } from '../metrics/score-counts.ts';
import { decodeArrow } from '../tables/arrow-decode.ts';
import type { Batch } from '../tables/batch.ts';
import { placesWhere, selectColumns, takeRows } from '../tables/slice.ts';
import { labelsOf, noLabel } from '../training/target.ts';
import { readPartition } from './job.ts';
import type { Ports } from './ports.ts';

/** Validation rows that have a target, in the dataset's order. */
export interface ValidationRows {
  /** The columns that models see. */
  readonly batch: Batch;
  /** 1 or 0 a row. */
  readonly labels: Uint8Array;
}

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
  dataset: Dataset,
  file: Uint8Array,
  own: Float32Array,
  ports: Ports,
): Promise<ScoreCounts> {
  const model = await ports.loadModel(file);
  const counter = new ScoreCounter();
  let rows = 0;
  try {
    for await (const { batch, labels } of await validationRows(study, dataset, ports)) {
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

/** Those of a small side stay in memory between the trials that a process scores. */
export async function validationRows(
  study: Study,
  dataset: Dataset,
  ports: Ports,
): Promise<AsyncIterable<ValidationRows> | readonly ValidationRows[]> {
  const bytes = dataset.partitions.validation.reduce((sum, partition) => sum + partition.bytes, 0);
  if (bytes > mostWarmBytes) return readValidation(study, dataset, ports);
  const key = await digestOf({ dataset: dataset.dataset, inputs: study.inputs, target: study.target });
  return ports.warm.keep('validation', key, async () => {
    const rows: ValidationRows[] = [];
    for await (const part of readValidation(study, dataset, ports)) rows.push(part);
    return rows;
  });
}

async function* readValidation(study: Study, dataset: Dataset, ports: Ports): AsyncGenerator<ValidationRows> {
  for (const partition of dataset.partitions.validation) {
    for (const whole of decodeArrow(await readPartition(ports.store, partition))) {
      const all = labelsOf(whole, study.target);
      const labelled = placesWhere(all, (label) => label !== noLabel);
      const batch = takeRows(selectColumns(whole, study.inputs), labelled);
      yield { batch, labels: all.filter((label) => label !== noLabel) };
    }
  }
}
