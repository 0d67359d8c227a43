import type { Dataset } from '../contracts/records.ts';
import type { Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';
import type { ObjectStore } from '../store.ts';
import type { Profile } from '../tables/profile.ts';
import { describeColumns, featuresOf } from '../training/column-roles.ts';
import { trainProfile } from './describe-dataset.ts';

/**
 * The columns that models see: those that the specification lists, or the features by their roles (see `describeColumns`).
 * `BadTable` where none is left, or every weight is 0.
 */
export async function inputsOf(spec: Spec, dataset: Dataset, store: ObjectStore): Promise<string[]> {
  const profile = await trainProfile(dataset, store);
  requireWeights(spec, profile);
  const { target, columns, inputs } = spec;
  if (inputs !== undefined) return inputs;
  const described = describeColumns(profile, { target, columns });
  const features = featuresOf(described);
  if (features.length > 0) return [...features];
  const why = described.map(
    ({ name, role, why: reason }) => `${name} is ${role === 'ignore' ? 'left out' : role} (${reason})`,
  );
  throw new FanfareError(
    'BadTable',
    `${spec.table.path} has no column to learn from: ${why.join(', ')}. Name some in inputs if they are meant`,
  );
}

function requireWeights({ columns, table }: Spec, profile: Profile): void {
  const column = profile.columns.find(({ name }) => name === columns.weight);
  if (column?.kind !== 'numbers' || column.max !== 0) return;
  throw new FanfareError(
    'BadTable',
    `${table.path}: every weight of the training rows (columns.weight: ${column.name}) is 0, so that there is nothing to learn from; a weight is a number of at least 0, and some must be above`,
  );
}
