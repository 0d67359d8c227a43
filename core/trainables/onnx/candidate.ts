import { keys } from '../../contracts/keys.ts';
import { ModelSignature } from '../../contracts/study.ts';
import { FanfareError } from '../../errors.ts';
import { bindInputs, type Feed } from '../../onnx/bind.ts';
import { hasSparse } from '../../onnx/chain.ts';
import { scoredBy } from '../../onnx/choose-outputs.ts';
import { unfitRows } from '../../onnx/fit.ts';
import { type ModelProto, parseModel } from '../../onnx/model-proto.ts';
import { withoutZipMaps } from '../../onnx/zip-maps.ts';
import type { Ports } from '../../steps/ports.ts';
import { decodeJson } from '../../store.ts';
import { modelSource } from '../../tracking/model-source.ts';
import { labelledBatches } from '../../training/labelled.ts';
import type { TrainingTable } from '../../training/trainable.ts';
import type { OnnxParams } from './params.ts';

/** An existing model, and how a table's rows go in and its answers come out. */
export interface Candidate {
  readonly proto: ModelProto;
  readonly feeds: readonly Feed[];
  /** The output that rows are scored by: so many values a row, and which of them are the task's, in its order. */
  readonly output: { readonly name: string; readonly width: number; readonly places: readonly number[] };
}

export type CandidatePorts = Pick<Ports, 'store' | 'loadModel'>;

/** What is put around a candidate means the same in all versions of ai.onnx from this one on. */
const leastOperators = 9;

/**
 * The model that a trial names, tried on rows of the training side. Throws, with the model's name before it: `MissingInput` if
 * it is not in the store, `BadModel` if it cannot be run or built upon, and as `bindInputs` if it does not fit the table;
 * `InvalidSpec` if it does not say what the task asks.
 */
export async function openCandidate(
  params: Pick<OnnxParams, 'model' | 'columns'>,
  table: TrainingTable,
  ports: CandidatePorts,
): Promise<Candidate> {
  try {
    return await opened(params, table, ports);
  } catch (error) {
    if (!(error instanceof FanfareError)) throw error;
    throw new FanfareError(error.name, `tune.space.model ${params.model}: ${error.message}`, {
      cause: error,
    });
  }
}

async function opened(
  { model: given, columns }: Pick<OnnxParams, 'model' | 'columns'>,
  table: TrainingTable,
  { store, loadModel }: CandidatePorts,
): Promise<Candidate> {
  const source = modelSource(given);
  if (source.kind !== 'digest') {
    throw new FanfareError(
      'InvalidSpec',
      'it is neither the path of a file nor sha256:<digest>; models of MLflow and objects of S3 are brought by predict.model alone',
    );
  }
  const { digest } = source;
  const object = await store.get(keys.model(digest));
  if (!object) throw new FanfareError('MissingInput', 'the model is not in the store');
  const { model: proto } = withoutZipMaps(parseModel(object.body));
  requireBuildable(proto);
  const model = await loadModel(object.body);
  try {
    const signed = await store.get(keys.signature(digest));
    const signature =
      columns?.split(',').map((name) => name.trim()) ??
      (signed && ModelSignature.parse(decodeJson(signed.body)).inputs);
    const fields = table.fields.filter(({ name }) => table.inputs.includes(name));
    const feeds = bindInputs(model.inputs, fields, { signature });
    const tensor = feeds.find(({ layout }) => layout === 'tensor');
    if (tensor)
      throw new FanfareError('BadModel', `its input "${tensor.input}" takes tensors, which columns are not`);
    const scored = scoredBy(model.outputs, table.target, table.task);
    if (!scored) throw refusal(table, model.outputs);
    for await (const { batch } of labelledBatches(table, 'train')) {
      if (batch.rows === 0) continue;
      const [unfit] = unfitRows(feeds, batch);
      if (unfit)
        throw new FanfareError(
          'BadTable',
          `it cannot take column "${unfit.column}" of training row ${unfit.row}: ${unfit.reason}`,
        );
      const { name } = scored.output;
      const width = (await model.run(batch, [name], feeds))[name]!.length / batch.rows;
      const places = scored.placesOf(width);
      if (places) return { proto, feeds, output: { name, width, places } };
      throw refusal(table, model.outputs);
    }
    throw new FanfareError('BadTable', 'the training side has no row with a target to try it on');
  } finally {
    await model.release();
  }
}

function requireBuildable(proto: ModelProto): void {
  const version = proto.versions.get('') ?? leastOperators;
  if (version < leastOperators) {
    throw new FanfareError(
      'BadModel',
      `it is written for version ${version} of the operators of ai.onnx; to be built upon it must be of ${leastOperators} or later: export it anew (target_opset, opset_version)`,
    );
  }
  if (hasSparse(proto))
    throw new FanfareError('BadModel', 'it has sparse constants, which cannot be built upon');
}

function refusal({ task }: TrainingTable, outputs: readonly { readonly name: string }[]): FanfareError {
  const names = outputs.map(({ name }) => name).join(', ');
  const asked =
    task.kind === 'regression'
      ? 'one number a row'
      : `a probability of ${task.kind === 'binary' ? String(task.classes[1]) : `each of ${task.classes.join(', ')}`}`;
  return new FanfareError(
    'InvalidSpec',
    `the target is ${task.kind}, and its outputs (${names}) do not tell ${asked}`,
  );
}
