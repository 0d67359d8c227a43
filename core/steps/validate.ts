import type { ColumnBins } from '../contracts/drift.ts';
import type { Study } from '../contracts/study.ts';
import type { Task } from '../contracts/task.ts';
import { binsOf } from '../drift/bins.ts';
import { scoreColumns } from '../drift/score-columns.ts';
import { FanfareError } from '../errors.ts';
import { areRanked } from '../metrics/metrics.ts';
import { Tallier, type Tally } from '../metrics/tally.ts';
import type { ModelValues } from '../onnx/model.ts';
import { mergeProfiles, type Profile, profileOf } from '../tables/profile.ts';
import { type Labelled, labelledBatches } from '../training/labelled.ts';
import type { ModelData } from './model-data.ts';
import type { Ports } from './ports.ts';
import { learnsDigest, trainingTable } from './training-table.ts';

/** A validation side whose partitions are larger is read anew for each model, a partition at a time. */
const mostWarmBytes = 128 * 2 ** 20;

/** So far may the file's predictions be from the trainer's; of a quantity, as a share of the greatest. */
const samePrediction = 1e-5;

interface Scored {
  /** With the ranks of scores where the study has a metric of them. */
  readonly tally: Tally;
  /** How the answers are spread over the rows, for predictions to be compared with. */
  readonly scores: ColumnBins;
}

/**
 * What the validation rows come to, by the file that will predict and as it will (see `Ports.loadModel`). `own`: what
 * the trainer says of the first of them; `TrainableFailed` if the file says otherwise.
 */
export async function scoreValidation(
  study: Study,
  data: ModelData,
  file: Uint8Array,
  own: Float32Array,
  ports: Ports,
): Promise<Scored> {
  const { task } = study;
  const outputs = outputsOf(task);
  const model = await ports.loadModel(file);
  const tallier = new Tallier(task, areRanked(study.metrics));
  let profile: Profile | undefined;
  let seen = 0;
  try {
    for await (const { batch, labels, weights } of await validationRows(study, data, ports)) {
      const answers = await model.run(batch, outputs);
      const predictions = predictionsOf(answers, task, batch.rows);
      requireSame(own.subarray(seen, seen + predictions.length), predictions, task);
      tallier.add({ predictions, labels, ...(weights && { weights }) });
      seen += predictions.length;
      const part = profileOfAnswers(answers, batch.rows);
      profile = profile ? mergeProfiles(profile, part) : part;
    }
    // Rows that only the trainer scored.
    requireSame(own.subarray(seen), new Float32Array(0), task);
    return { tally: tallier.done(), scores: binsOf(profile!)[0]! };
  } finally {
    await model.release();
  }
}

/** What `addOutputs` adds, as far as it is judged and compared. */
function outputsOf({ kind }: Task): readonly string[] {
  switch (kind) {
    case 'binary':
      return ['probability'];
    case 'multiclass':
      return ['probability', 'label'];
    case 'regression':
      return ['prediction'];
  }
}

function predictionsOf(
  answers: Readonly<Record<string, ModelValues>>,
  task: Task,
  rows: number,
): Float32Array {
  const name = task.kind === 'regression' ? 'prediction' : 'probability';
  const values = answers[name]!;
  const width = task.kind === 'multiclass' ? task.classes.length : 1;
  if (values instanceof Float32Array && values.length === rows * width) return values;
  const given = values instanceof Float32Array ? `${values.length / rows} values a row` : 'no float32 values';
  throw new FanfareError(
    'TrainableFailed',
    `the exported model gives ${given} as "${name}"; ${width} float32 a row are needed, since what it predicts is ${task.kind}`,
  );
}

function profileOfAnswers(answers: Readonly<Record<string, ModelValues>>, rows: number): Profile {
  const columns = scoreColumns(answers, rows);
  return profileOf({
    rows,
    fields: columns.map(([name, { type }]) => ({ name, type })),
    columns: columns.map(([, column]) => column),
  });
}

function requireSame(own: Float32Array, exported: Float32Array, { kind }: Task): void {
  let worst = own.length <= exported.length ? 0 : Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (let at = 0; at < own.length; at++) {
    worst = Math.max(worst, Math.abs(own[at]! - exported[at]!));
    greatest = Math.max(greatest, Math.abs(own[at]!));
  }
  const allowed = samePrediction * (kind === 'regression' ? greatest : 1);
  if (worst <= allowed) return;
  throw new FanfareError(
    'TrainableFailed',
    `the exported model differs from the trained one by up to ${worst} on the validation rows (allowed: ${allowed})`,
  );
}

/** Validation rows that have a label, in the dataset's order. Those of a small side stay in memory between the trials that a process scores. */
export async function validationRows(
  study: Study,
  data: ModelData,
  ports: Ports,
): Promise<AsyncIterable<Labelled> | readonly Labelled[]> {
  const bytes = data.partitions.validation.reduce((sum, partition) => sum + partition.bytes, 0);
  const read = () => labelledBatches(trainingTable(ports, data, study), 'validation');
  if (bytes > mostWarmBytes) return read();
  const key = `${data.dataset}/${data.folder}${await learnsDigest(study)}`;
  return ports.warm.keep('validation', key, async () => {
    const rows: Labelled[] = [];
    for await (const part of read()) rows.push(part);
    return rows;
  });
}
