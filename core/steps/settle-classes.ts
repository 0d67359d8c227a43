import type { Cuts } from '../contracts/job.ts';
import type { Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import type { Batch } from '../tables/batch.ts';
import { orderStatistics } from '../tables/order-statistics.ts';
import { mergeProfiles, type Profile, profileOf } from '../tables/profile.ts';
import { numbersOf, selectColumns } from '../tables/slice.ts';
import { partsOf, partsText, ranksOf, type SplitPart } from '../tables/split-parts.ts';
import { type Stratification, strataCount, strataOf } from '../training/strata.ts';
import { labelsOf } from '../training/target.ts';
import { taskOf } from '../training/task.ts';

/** What shards wrote of their rows, read as often as it is asked for. */
export type Surveys = () => AsyncIterable<Batch>;

/** Of rows of one class, and of those without a target, the same share falls to each part. */
export async function settleClasses(spec: Spec, read: Surveys): Promise<Cuts> {
  const parts = partsOf(spec.split);
  const of = await stratificationOf(spec, read, parts.length);
  const strata = async function* () {
    for await (const batch of read()) {
      const labels = labelsOf(batch, spec.target, of.task);
      yield { strata: strataOf(labels, of), values: numbersOf(batch.columns[1]!) };
    }
  };
  const ranks = (rows: number): readonly number[] => ranksOf(rows, parts);
  const { counts, values } = await orderStatistics(strata, strataCount(of), (rows) =>
    ranks(rows).filter((rank) => rank < rows),
  );
  requireClasses(spec, of, counts, parts);
  // Where a part has all that is left, every draw is below the cut.
  const cuts = values.map((ofStratum, at) => ranks(counts[at]!).map((_, end) => ofStratum[end] ?? 1));
  return { by: 'stratified', ...of, cuts };
}

const mostBins = 10;

async function stratificationOf(spec: Spec, read: Surveys, parts: number): Promise<Stratification> {
  let profile: Profile | null = null;
  for await (const batch of read()) {
    const part = profileOf(selectColumns(batch, [spec.target.column]));
    profile = profile ? mergeProfiles(profile, part) : part;
  }
  if (profile === null)
    throw new FanfareError('BadTable', `The table is empty: there is no row in ${spec.table.path}.`);
  const task = taskOf(spec.target, profile.columns[0]!);
  if (task.kind !== 'regression') return { task, edges: [] };
  const labels = async function* () {
    for await (const batch of read()) {
      const values = labelsOf(batch, spec.target, task).filter((label) => Number.isFinite(label));
      yield { strata: new Int32Array(values.length), values };
    }
  };
  const { values } = await orderStatistics(labels, 1, (rows) => {
    const bins = Math.max(1, Math.min(mostBins, Math.floor(rows / (2 * parts))));
    return [0, ...Array.from({ length: bins - 1 }, (_, bin) => Math.round((rows * (bin + 1)) / bins))];
  });
  const [least, ...edges] = values[0]!;
  return { task, edges: [...new Set(edges)].filter((edge) => edge > least!) };
}

function requireClasses(
  { target, table, split }: Spec,
  { task }: Stratification,
  counts: readonly number[],
  parts: readonly SplitPart[],
): void {
  if (task.kind === 'regression') return;
  const few = task.classes.flatMap((each, at) => {
    const rows = counts[at]!;
    return rows < parts.length ? [`${JSON.stringify(each)} has ${rows} ${rows === 1 ? 'row' : 'rows'}`] : [];
  });
  if (few.length === 0) return;
  const listed = few.slice(0, 5).join(', ') + (few.length > 5 ? `, and ${few.length - 5} more` : '');
  throw new FanfareError(
    'BadTable',
    `${table.path}: a stratified split puts rows of each class of ${target.column} into ${partsText(parts)}, so each needs ${parts.length}, but ${listed}. Leave them out${split.folds === undefined ? '' : ', take fewer folds'}, or write split: { by: hash }`,
  );
}
