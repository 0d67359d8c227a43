import type { ColumnBins, DriftSample, ModelProfile, ShardDrift } from '../contracts/drift.ts';
import type { ModelValues } from '../onnx/model.ts';
import { type Batch, type Column, columnOf, type Field, type Frame } from '../tables/batch.ts';
import { concatBatches } from '../tables/join.ts';
import { mergeProfiles, profileOf } from '../tables/profile.ts';
import { numbersOf, takeRows } from '../tables/slice.ts';
import { type BinCounter, counterOf } from './count-bins.ts';
import { sampleRows } from './sample.ts';
import { scoreColumns } from './score-columns.ts';

/** So many batches are held before they are joined: their dictionaries go with them. */
const mostHeld = 16;

/** What a shard tells of the rows that it predicts: counts by the bins of the model's profile, and a profile of its own. */
export class ShardSketch {
  readonly #sample: DriftSample;
  readonly #compared: readonly { readonly bins: ColumnBins; readonly counter: BinCounter }[] | null;
  #rows = 0;
  #columns = 0;
  #held: Batch[] = [];

  constructor(sample: DriftSample, trained: ModelProfile | undefined) {
    this.#sample = sample;
    this.#compared = trained
      ? [...trained.columns, ...trained.scores].map((bins) => ({ bins, counter: counterOf(bins) }))
      : null;
  }

  /** `given`: what the model took, `outputs`: what it gave; `rowIds`: of its rows in `object`. */
  add(
    given: Frame,
    outputs: Readonly<Record<string, ModelValues>>,
    object: string,
    rowIds: Float64Array,
  ): void {
    const { counted, profiled } = sampleRows(object, rowIds, this.#sample);
    if (counted.length === 0) return;
    this.#rows += counted.length;
    // A tensor has no bins.
    const inputs = given.columns.flatMap((column, at) =>
      column.type === 'tensor' ? [] : [[given.fields[at]!.name, column] as const],
    );
    this.#columns = inputs.length;
    if (this.#compared) {
      const rows = sampled(inputs, outputs, given.rows, counted);
      for (const { bins, counter } of this.#compared) {
        const column = columnOf(rows, bins.name);
        // Scores that nobody asked for are not there.
        if (column) counter.add(column);
      }
    }
    if (profiled.length === 0) return;
    this.#held.push(sampled(inputs, outputs, given.rows, profiled));
    if (this.#held.length === mostHeld) this.#held = [concatBatches(this.#held)];
  }

  done(): ShardDrift {
    return {
      rows: this.#rows,
      counts: this.#compared?.map(({ counter }) => counter.counts()) ?? null,
      profile: this.#held.length === 0 ? null : profileOf(concatBatches(this.#held)),
      inputs: this.#columns,
    };
  }
}

/** The model's inputs and scores of those rows. */
function sampled(
  inputs: readonly (readonly [string, Column])[],
  outputs: Readonly<Record<string, ModelValues>>,
  rows: number,
  places: Int32Array,
): Batch {
  const fields = inputs.map(([name, { type }]): Field => ({ name, type }));
  const taken = takeRows({ rows, fields, columns: inputs.map(([, column]) => column) }, places).columns.map(
    plain,
  );
  const scores = scoreColumns(outputs, rows);
  const scored = takeRows(
    {
      rows,
      fields: scores.map(([name, { type }]): Field => ({ name, type })),
      columns: scores.map(([, column]) => column),
    },
    places,
  );
  return {
    rows: places.length,
    fields: [...fields.map(({ name }, at): Field => ({ name, type: taken[at]!.type })), ...scored.fields],
    columns: [...taken, ...scored.columns],
  };
}

/** Numbers are floats, whatever type they came in: user code may give integers now and floats then. */
const plain = (column: Column): Column =>
  column.type === 'string' || column.type === 'boolean' || column.type === 'float'
    ? column
    : { type: 'float', values: numbersOf(column), valid: null };

/** The sketch of the rows of both. Counts are integers, so that it does not matter which rows were whose. */
export const mergeDrift = (a: ShardDrift, b: ShardDrift): ShardDrift => ({
  rows: a.rows + b.rows,
  counts:
    a.counts && b.counts
      ? a.counts.map((counts, column) => counts.map((count, bin) => count + b.counts![column]![bin]!))
      : null,
  profile: a.profile && b.profile ? mergeProfiles(a.profile, b.profile) : (a.profile ?? b.profile),
  inputs: a.inputs,
});
