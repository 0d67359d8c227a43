import { decodeJson, encodeJson } from '../../store.ts';
import { type DenseStatistics, mergeStatistics, noStatistics, statisticsOf } from '../dense/statistics.ts';
import { planFeatures } from '../features.ts';
import { labelledBatches } from '../labelled.ts';
import type { Pass } from '../pass.ts';
import type { TrainingTable } from '../trainable.ts';
import { addMoments, encodeMoments, type MomentsRequest, momentsOf } from './moments.ts';

/** What linear models ask of the training side: once what its columns are like, then sums of a design made by that. */
type Request =
  | { readonly kind: 'learn'; readonly features: ReturnType<typeof planFeatures>['features'] }
  | { readonly kind: 'moments'; readonly of: MomentsRequest };

/** What is known of the training side before any model. Plain JSON. */
export interface Learned {
  readonly dense: DenseStatistics;
  /** By class, or of a quantity in one: labelled rows, what they count, and the sum of the quantity by that. */
  readonly target: readonly { readonly rows: number; readonly weight: number; readonly sum: number }[];
}

export const linearPass: Pass = {
  async gather(bytes, table) {
    const request = decodeJson(bytes) as Request;
    return request.kind === 'learn'
      ? encodeJson(await learn(table))
      : encodeMoments(await momentsOf(request.of, table));
  },
  merge(bytes, a, b) {
    const request = decodeJson(bytes) as Request;
    if (request.kind === 'moments') return addMoments(a, b);
    const [one, other] = [decodeJson(a) as Learned, decodeJson(b) as Learned];
    const merged: Learned = {
      dense: mergeStatistics(one.dense, other.dense, request.features),
      target: one.target.map((each, at) => {
        const { rows, weight, sum } = other.target[at]!;
        return { rows: each.rows + rows, weight: each.weight + weight, sum: each.sum + sum };
      }),
    };
    return encodeJson(merged);
  },
};

/** The requests' bytes; what they are answered with is a `Learned` as JSON, and `Moments`. */
export const learnRequest = (table: TrainingTable): Uint8Array => {
  const { features } = planFeatures(table.fields, table.inputs);
  return encodeJson({ kind: 'learn', features } satisfies Request);
};

export const momentsRequest = (of: MomentsRequest): Uint8Array =>
  encodeJson({ kind: 'moments', of } satisfies Request);

async function learn(table: TrainingTable): Promise<Learned> {
  const { features } = planFeatures(table.fields, table.inputs);
  const classes = table.task.kind === 'regression' ? 1 : table.task.classes.length;
  const target = Array.from({ length: classes }, () => ({ rows: 0, weight: 0, sum: 0 }));
  let dense = noStatistics(features);
  for await (const { batch, labels, weights } of labelledBatches(table, 'train')) {
    dense = mergeStatistics(dense, statisticsOf(batch, features), features);
    for (let row = 0; row < labels.length; row++) {
      const own = target[table.task.kind === 'regression' ? 0 : labels[row]!]!;
      const weight = weights ? weights[row]! : 1;
      own.rows++;
      own.weight += weight;
      own.sum += weight * labels[row]!;
    }
  }
  return { dense, target };
}
