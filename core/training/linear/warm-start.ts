import type { TrainingTable } from '../trainable.ts';
import { type Holding, type NewtonState, newtonRound } from './logistic.ts';
import { type MomentsRequest, momentsOf } from './moments.ts';

/** Rows that a search begins with. They need not be like the rest: they say where to look first, and nothing else. */
const sampleRows = 131_072;

/** Of fewer rows a pass is not worth saving. */
const leastRows = 4 * sampleRows;

/** Rounds on the sample; one that takes more, such as of classes that it divides, is no start. */
const mostRounds = 12;

type LogRequest = Extract<MomentsRequest, { loss: 'log' }>;

/**
 * Where Newton's method begins: at the optimum of the first rows of a large table, from which one round or two over all rows
 * lead to theirs; else at zero, which `state` is at. `rows` and `weight`: of all that count.
 */
export async function startNear(
  state: NewtonState,
  table: TrainingTable,
  request: Omit<LogRequest, 'coefficients'>,
  holding: Holding,
  { rows, weight }: { readonly rows: number; readonly weight: number },
): Promise<NewtonState> {
  if (rows < leastRows) return state;
  const sample = firstRows(table);
  // The penalty weighs as much against a row of the sample as against one of all.
  const { C = 1 } = holding.params;
  const scaled = { ...holding, params: { ...holding.params, C: (C * rows) / sampleRows } };
  let near = state;
  while (!near.ended && near.rounds < mostRounds) {
    const moments = await momentsOf({ ...request, coefficients: near.coefficients }, sample);
    near = newtonRound(near, moments, (weight * sampleRows) / rows, scaled);
  }
  const isSound = near.ended && near.coefficients.every(Number.isFinite);
  return isSound ? { ...state, coefficients: near.coefficients, isNear: true } : state;
}

function firstRows(table: TrainingTable): TrainingTable {
  return {
    ...table,
    async *batches(side) {
      let rows = 0;
      for await (const batch of table.batches(side)) {
        yield batch;
        rows += batch.rows;
        if (rows >= sampleRows) return;
      }
    },
  };
}
