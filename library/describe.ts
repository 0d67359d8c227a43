import { resolve } from 'node:path';
import { nodeDecompressors } from '../adapters/node/decompressors.ts';
import { gunzip } from '../adapters/node/gunzip.ts';
import type { DescribedColumn } from '../core/contracts/described.ts';
import type { Task } from '../core/contracts/task.ts';
import { describeTable } from '../core/steps/describe-table.ts';
import type { Engine } from './engine.ts';
import { isSpec, loadSpec, type SpecInput } from './load-spec.ts';

/** A table's columns, as all of its rows have them: before a split, and before `split.features` makes others. */
export interface DescribeDocument {
  readonly command: 'describe';
  readonly table: string;
  readonly rows: number;
  /** Rows that could not be read; a split refuses them. */
  readonly rejected: number;
  /** What the target is predicted as; null where none is named, or where a warning says why nothing can be. */
  readonly task: Task | null;
  readonly columns: readonly DescribedColumn[];
}

/** `given`: a specification, as an object or the path of a YAML file, or the path or URI of a table. */
export async function describe(
  { open }: Pick<Engine, 'open'>,
  given: string | SpecInput,
): Promise<DescribeDocument> {
  const ports = { open, gunzip, decompressors: nodeDecompressors };
  if (typeof given === 'string' && !isSpec(given)) {
    const path = given.includes('://') ? given : resolve(given) + (given.endsWith('/') ? '/' : '');
    return { command: 'describe', table: path, ...(await describeTable({ path, columns: {} }, {}, ports)) };
  }
  const { table, target, columns, inputs } = await loadSpec(given);
  const named = { target, columns, ...(inputs && { inputs }) };
  return { command: 'describe', table: table.path, ...(await describeTable(table, named, ports)) };
}
