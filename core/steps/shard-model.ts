import type { PredictionPlan } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { PredictionSpec } from '../contracts/spec.ts';
import { ModelCard } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import { bindInputs, type Feed } from '../onnx/bind.ts';
import { chooseOutputs, scoredBy } from '../onnx/choose-outputs.ts';
import { type UnfitRow, unfitRows } from '../onnx/fit.ts';
import { requireGolden } from '../onnx/golden.ts';
import type { Model, ModelValues } from '../onnx/model.ts';
import { withOutputs } from '../onnx/output-columns.ts';
import { type Batch, columnOf, type Frame } from '../tables/batch.ts';
import { findObject } from './objects.ts';
import type { Ports } from './ports.ts';

interface Answer {
  readonly predicted: Frame;
  /** By the plan's task, as `Predicted` has them; undefined where the model does not tell. */
  readonly predictions: Float32Array | undefined;
  /** What the model took, by the names of its inputs; by those of the columns where one input takes several. */
  readonly given: Frame;
  readonly outputs: Readonly<Record<string, ModelValues>>;
}

/** A prediction's model, as its specification uses it; every batch has the same columns. */
export interface ShardModel {
  /** The rows that it cannot take, with the reason. */
  unfit(batch: Frame): readonly UnfitRow[];
  /**
   * The kept columns with what is written of the outputs. Where the batch has the target, what it is scored by too.
   * `batch` has some rows, and none that is unfit.
   */
  predict(batch: Frame, kept: Batch): Promise<Answer>;
}

export async function openShardModel(
  plan: PredictionPlan,
  { target, predict }: PredictionSpec,
  ports: Ports,
): Promise<ShardModel> {
  const model = await ports.warm.keep('model', plan.model, () => openModel(plan.model, ports));
  const written = chooseOutputs(model.outputs, predict.outputs);
  const scored = target && plan.scored && scoredBy(model.outputs, target, plan.scored.task);
  const outputs = written.map(({ output }) => output.name);
  let feeds: readonly Feed[] | undefined;
  const feedsOf = ({ fields }: Frame) =>
    (feeds ??= bindInputs(model.inputs, fields, { named: predict.inputs, signature: plan.signature }));
  return {
    unfit: (batch) => (batch.rows === 0 ? [] : unfitRows(feedsOf(batch), batch)),
    predict: async (batch, kept) => {
      const isScored = scored && columnOf(batch, target.column) !== undefined;
      const wanted = new Set(isScored ? [...outputs, scored.output.name] : outputs);
      const values = await model.run(batch, [...wanted], feedsOf(batch));
      const scores = isScored ? values[scored.output.name]! : [];
      const width = scores.length / batch.rows;
      const places = isScored ? scored.placesOf(width) : undefined;
      return {
        predicted: withOutputs(kept, written, values),
        predictions: places && inPlaces(floats(scores), places, width),
        given: givenOf(feedsOf(batch), batch),
        outputs: values,
      };
    },
  };
}

function givenOf(feeds: readonly Feed[], batch: Frame): Frame {
  const named = feeds.flatMap(({ input, layout, columns }) =>
    columns.map((column) => ({
      name: layout === 'matrix' ? column : input,
      column: columnOf(batch, column)!,
    })),
  );
  return {
    rows: batch.rows,
    fields: named.map(({ name, column: { type } }) => ({ name, type })),
    columns: named.map(({ column }) => column),
  };
}

/** Those columns of a row-major matrix, in that order. */
function inPlaces(values: Float32Array, places: readonly number[], width: number): Float32Array {
  if (places.length === width && places.every((place, at) => place === at)) return values;
  const rows = values.length / width;
  const part = new Float32Array(rows * places.length);
  for (let row = 0, to = 0; row < rows; row++) {
    for (const place of places) part[to++] = values[row * width + place]!;
  }
  return part;
}

const floats = (values: ArrayLike<unknown>): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);

/** It predicts what it did when it was made, where that is known. */
async function openModel(digest: string, { store, loadModel }: Ports): Promise<Model> {
  const object = await store.get(keys.model(digest));
  if (object === undefined) throw new FanfareError('MissingInput', `there is no model ${keys.model(digest)}`);
  const model = await loadModel(object.body);
  const card = await findObject(store, keys.modelCard(digest), ModelCard);
  if (card) await requireGolden(model, card);
  return model;
}
