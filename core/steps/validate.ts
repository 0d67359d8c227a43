import { joinBytes } from '../bytes.ts';
import type { Dataset } from '../contracts/records.ts';
import type { Study } from '../contracts/study.ts';
import { digestOf } from '../digest.ts';
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

/** Probabilities for the validation rows, from the file that will predict and as it will (see `Ports.loadModel`). */
export async function scoreValidation(study: Study, dataset: Dataset, file: Uint8Array, ports: Ports) {
  const model = await ports.loadModel(file);
  const scores: Float32Array[] = [];
  const all: Uint8Array[] = [];
  try {
    for await (const { batch, labels } of await validationRows(study, dataset, ports)) {
      const { probability } = await model.run(batch, ['probability']);
      scores.push(probability as Float32Array);
      all.push(labels);
    }
    return { scores: joinScores(scores), labels: joinBytes(all) };
  } finally {
    await model.release();
  }
}

function joinScores(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
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
