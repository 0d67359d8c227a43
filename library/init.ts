import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { nodeDecompressors } from '../adapters/node/decompressors.ts';
import { gunzip } from '../adapters/node/gunzip.ts';
import type { DescribedColumn } from '../core/contracts/described.ts';
import type { BuiltIn } from '../core/contracts/names.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import { draftSpec } from '../core/spec/draft.ts';
import { readSpec } from '../core/spec/read.ts';
import { describeTable } from '../core/steps/describe-table.ts';
import type { Engine } from './engine.ts';

export interface InitRequest {
  /** A file, folder or pattern, or an `s3://` URI. */
  readonly table: string;
  /** The column to predict: the likeliest where it is left out. */
  readonly target?: string;
  readonly trainable?: BuiltIn;
  readonly trials?: number;
  /** Where the specification is to lie: `<name of the table>.yaml` where it is left out. */
  readonly out?: string;
  /** What is there may be written over; else it is refused. */
  readonly force?: boolean;
}

export interface InitDocument {
  readonly command: 'init';
  /** The path that was written. */
  readonly file: string;
  readonly name: string;
  readonly target: string;
  readonly rows: number;
  readonly columns: readonly DescribedColumn[];
}

/** Reads the table and writes a commented specification for it, which runs as it is. */
export async function init({ open }: Pick<Engine, 'open'>, request: InitRequest): Promise<InitDocument> {
  const { table, trainable = 'gbdt', trials = 20, force = false } = request;
  const file = request.out ?? `${nameOf(table)}.yaml`;
  if (!force && existsSync(file)) throw isThere(file);
  const { path, target, rows, columns, task } = await described(open, request);
  if (task === null) {
    const [why = `${target} holds nothing that can be predicted`] = columns.find(
      (one) => one.name === target,
    )!.warnings;
    throw new FanfareError('InvalidSpec', `${table}: ${why}`);
  }
  const name = nameOf(file);
  const seen = table.includes('://') ? table : relative(dirname(resolve(file)), path);
  const text = draftSpec({ name, table: seen, rows, columns, task, trainable, trials });
  // Whatever we write, our own commands read.
  readSpec(text, file);
  await writeNew(file, text, force);
  return { command: 'init', file, name, target, rows, columns };
}

async function described(open: Engine['open'], { table, target }: InitRequest) {
  const path = table.includes('://') ? table : resolve(table);
  const ports = { open, gunzip, decompressors: nodeDecompressors };
  const by = (column: string) => ({ target: { kind: 'column', column } }) as const;
  const first = await describeTable({ path, columns: {} }, target === undefined ? {} : by(target), ports);
  if (target !== undefined) {
    requireColumn(first.columns, target, table);
    return { ...first, path, target };
  }
  const likely = likelyTarget(first.columns);
  return { ...(await describeTable({ path, columns: {} }, by(likely), ports)), path, target: likely };
}

/** The column that is called like a target, or else the last one that could be one. */
export function likelyTarget(columns: readonly DescribedColumn[]): string {
  const possible = columns.filter(({ role, type }) => role === 'feature' && type !== 'timestamp');
  const called = possible.find(({ name }) => /^(target|label|class|outcome|response|y)$/i.test(name));
  const found = called ?? possible.at(-1);
  if (found !== undefined) return found.name;
  throw new FanfareError('BadTable', 'the table has no column that could be predicted');
}

function requireColumn(columns: readonly DescribedColumn[], name: string, table: string): void {
  const known = columns.map((column) => column.name);
  if (known.includes(name)) return;
  throw new FanfareError('MissingInput', unknownName(`target: ${table} has no column`, name, known));
}

/** `Customers 2024.csv.gz` is called `customers-2024`. */
export function nameOf(path: string): string {
  const plain = basename(path)
    .replace(/(\.[a-z0-9]+){1,2}$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return plain || 'study';
}

async function writeNew(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw isThere(file);
    throw new FanfareError('StoreFailed', `${file} cannot be written: ${message}`, { cause });
  }
}

const isThere = (file: string): FanfareError =>
  new FanfareError(
    'InvalidSpec',
    `${file} is there already: --force writes over it, --out names another file`,
  );
