import type { Dataset } from '../contracts/records.ts';
import type { Profile } from '../tables/profile.ts';
import { profileText } from './dataset-profile.ts';
import { shorten } from './plain-texts.ts';
import type { DatasetInput } from './tracker.ts';

const contexts = { train: 'training', validation: 'validation', test: 'testing' } as const;

/**
 * One side of a split table as MLflow's UI lists it. MLflow keeps one data set a name and digest, with one context a run,
 * so each side has a name of its own.
 */
export function sideInput(
  dataset: Dataset,
  side: 'train' | 'validation' | 'test',
  profile?: Profile,
): DatasetInput {
  const [name, digest] = partsOf(dataset.dataset);
  return {
    name: `${name}/${side}`,
    digest,
    uri: dataset.table,
    schema: schemaOf(dataset),
    profile: profileText(dataset.rows[side], profile),
    context: contexts[side],
  };
}

/** A side of which no manifest is at hand: its name and digest are those that `sideInput` gives. */
export function namedSideInput(
  dataset: string,
  side: 'train' | 'validation' | 'test',
  rows: number,
): DatasetInput {
  const [name, digest] = partsOf(dataset);
  const uri = `datasets/${dataset}/${side}/`;
  return {
    name: `${name}/${side}`,
    digest,
    uri,
    schema: [],
    profile: profileText(rows, undefined),
    context: contexts[side],
  };
}

/** A table that was predicted without a split; `digest` is the job's, since the rows are known only to it. */
export function tableInput(table: string, digest: string, rows: number): DatasetInput {
  const name = table.split('/').findLast((part) => part !== '') ?? table;
  const profile = profileText(rows, undefined);
  return { name: shorten(name, 500), digest, uri: table, schema: [], profile, context: 'inference' };
}

/** MLflow takes 1 MB of it: of very wide tables the first columns. */
function schemaOf({ fields }: Dataset): DatasetInput['schema'] {
  const columns = fields.map(({ name, type }) => ({ name, type: columnTypes[type] }));
  let room = longestSchema;
  const end = columns.findIndex((column) => {
    room -= JSON.stringify(column).length + 20;
    return room < 0;
  });
  return end < 0 ? columns : columns.slice(0, end);
}

const longestSchema = 500_000;

const columnTypes = {
  float: 'double',
  integer: 'long',
  boolean: 'boolean',
  timestamp: 'datetime',
  string: 'string',
} as const;

/** An identity is `<name>-<12 hex digits>`. */
export const partsOf = (identity: string): [name: string, digest: string] => [
  identity.slice(0, -13),
  identity.slice(-12),
];
