import type { Dataset } from '../contracts/records.ts';
import type { DatasetInput } from './tracker.ts';

const contexts = { train: 'training', validation: 'validation', test: 'testing' } as const;

/**
 * One side of a split table as MLflow's UI lists it. MLflow keeps one data set a name and digest, with one context a run,
 * so each side has a name of its own.
 */
export function sideInput(dataset: Dataset, side: 'train' | 'validation' | 'test'): DatasetInput {
  const [name, digest] = partsOf(dataset.dataset);
  return {
    name: `${name}/${side}`,
    digest,
    uri: dataset.table,
    schema: dataset.fields.map(({ name, type }) => ({ name, type: columnTypes[type] })),
    rows: dataset.rows[side],
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
  return { name: `${name}/${side}`, digest, uri, schema: [], rows, context: contexts[side] };
}

/** A table that was predicted without a split; `digest` is the job's, since the rows are known only to it. */
export function tableInput(table: string, digest: string, rows: number): DatasetInput {
  const name = table.split('/').findLast((part) => part !== '') ?? table;
  return { name: name.slice(0, 500), digest, uri: table, schema: [], rows, context: 'inference' };
}

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
