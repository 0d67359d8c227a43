import { openMapping } from '../code/mapping.ts';
import type { PredictionPlan } from '../contracts/job.ts';
import type { PredictionSpec } from '../contracts/spec.ts';
import { type Batch, type Frame, frameOf, type Held, tableOf } from '../tables/batch.ts';
import type { Ports } from './ports.ts';

/** The user's code before and after a model, over the batches of one shard. Rows stay as many, and in their places. */
export interface AroundModel {
  /** `features`, then `preprocess`; bytes end there. A column of the table that they leave out is still there: it may be kept. */
  before(batch: Held): Promise<Frame>;
  /** `postprocess`: of the kept columns with the model's outputs. */
  after(batch: Frame): Promise<Batch>;
}

export async function aroundModel(
  { input, features }: PredictionPlan,
  { preprocess, postprocess }: PredictionSpec['predict'],
  shard: number,
  { loadCode }: Pick<Ports, 'loadCode'>,
): Promise<AroundModel> {
  const { dataset, side } = input.kind === 'dataset' ? input : { dataset: null, side: null };
  const open = (stage: 'features' | 'preprocess' | 'postprocess', reference: string | null | undefined) =>
    openMapping({ reference, context: { stage, dataset, shard }, keepsRows: true }, loadCode);
  const derive = await open('features', features);
  const prepare = await open('preprocess', preprocess);
  const finish = await open('postprocess', postprocess);
  return {
    before: async (batch) => frameOf(withRest(await prepare(await derive(batch, side), side), batch)),
    after: async (batch) => tableOf(await finish(batch, side), 'predict.postprocess'),
  };
}

/** The batch, and the columns that it lacks of another with the same rows. */
function withRest(batch: Held, whole: Held): Held {
  if (batch === whole) return batch;
  const { fields, columns } = whole;
  const rest = fields.flatMap((field, at) =>
    batch.fields.some(({ name }) => name === field.name) ? [] : [{ field, column: columns[at]! }],
  );
  if (rest.length === 0) return batch;
  return {
    rows: batch.rows,
    fields: [...batch.fields, ...rest.map(({ field }) => field)],
    columns: [...batch.columns, ...rest.map(({ column }) => column)],
  };
}
