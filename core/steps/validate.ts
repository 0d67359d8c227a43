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

/** The validation rows that have a target, in the dataset's order. */
export interface ValidationRows {
  /** The columns that models see. */
  readonly batches: readonly Batch[];
  readonly labels: Uint8Array;
}

/** ONNX Runtime's probabilities for the validation rows, by the file that will predict. */
export async function scoreValidation(study: Study, dataset: Dataset, file: Uint8Array, ports: Ports) {
  const { batches, labels } = await validationRows(study, dataset, ports);
  const model = await ports.loadModel(file);
  try {
    const scores = new Float32Array(labels.length);
    let at = 0;
    for (const batch of batches) {
      const { probability } = await model.run(batch, ['probability']);
      scores.set(probability as Float32Array, at);
      at += batch.rows;
    }
    return { scores, labels };
  } finally {
    await model.release();
  }
}

/** They stay in memory between the trials that a process scores. */
export async function validationRows(study: Study, dataset: Dataset, ports: Ports): Promise<ValidationRows> {
  const key = await digestOf({ dataset: dataset.dataset, inputs: study.inputs, target: study.target });
  return ports.warm.keep('validation', key, async () => {
    const batches: Batch[] = [];
    const labels: Uint8Array[] = [];
    for (const partition of dataset.partitions.validation) {
      for (const batch of decodeArrow(await readPartition(ports.store, partition))) {
        const all = labelsOf(batch, study.target);
        batches.push(
          takeRows(
            selectColumns(batch, study.inputs),
            placesWhere(all, (label) => label !== noLabel),
          ),
        );
        labels.push(all.filter((label) => label !== noLabel));
      }
    }
    return { batches, labels: joinBytes(labels) };
  });
}
