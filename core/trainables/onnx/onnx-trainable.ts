import type { Scalar } from '../../contracts/names.ts';
import { taskKinds } from '../../contracts/task.ts';
import type { Trainable, TrainingRun, TrainingTable } from '../../training/trainable.ts';
import { type CandidatePorts, openCandidate } from './candidate.ts';
import { compose } from './compose.ts';
import { OnnxParams } from './params.ts';

/**
 * Models that are there already: nothing is trained. A trial is one of them, with a temperature and a threshold, as one file;
 * what it is worth on the validation side is all that there is to find out.
 */
export const onnxTrainable = (ports: CandidatePorts) =>
  ({
    name: 'onnx',
    resource: 'evaluations',
    tasks: taskKinds,
    params: OnnxParams as Trainable['params'],
    prepare: async () => undefined,
    load: async (_cache, table) => table,
    start: (table, params) => runOf(table, params, ports),
  }) satisfies Trainable<TrainingTable>;

function runOf(
  table: TrainingTable,
  given: Readonly<Record<string, Scalar>>,
  ports: CandidatePorts,
): TrainingRun {
  const params = OnnxParams.parse(given);
  return {
    resource: 1,
    ended: true,
    advance: () => {},
    // The file alone is judged: no trainer has said anything of the rows.
    validate: () => ({ predictions: new Float32Array(0), labels: new Float64Array(0) }),
    checkpoint: () => new Uint8Array(0),
    toOnnx: async () => compose(await openCandidate(params, table, ports), params, table),
  };
}
