import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFiles } from '../../../adapters/files/open-files.ts';
import { distinctOf } from '../../../core/tables/categories.ts';
import { distinctCount } from '../../../core/tables/distinct.ts';
import type { TableFormat } from '../../../core/tables/format.ts';
import { planShards } from '../../../core/tables/plan.ts';
import {
  type ColumnProfile,
  emptyProfile,
  mean,
  mergeProfiles,
  profileOf,
  quantile,
  variance,
} from '../../../core/tables/profile.ts';
import { readShard } from '../../../core/tables/read.ts';
import { inferSchema } from '../../../core/tables/schema.ts';
import { exactBits } from '../../../core/tables/sketch.ts';
import { python } from '../../support/python-predictions.ts';
import { chance } from '../training/tables.ts';

/** What pandas and numpy say of a column. */
type Said =
  | {
      readonly kind: 'numbers';
      readonly missing: number;
      readonly infinite: number;
      readonly finite: number;
      readonly mean: number | null;
      readonly variance: number | null;
      readonly min: number | null;
      readonly max: number | null;
      readonly distinct: number;
      readonly quantiles: readonly number[];
    }
  | {
      readonly kind: 'categories';
      readonly missing: number;
      readonly counts: Readonly<Record<string, number>>;
    };

const shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/** Argument: the file, and our types of its columns; that is all that pandas is told. */
const program = `
import json, sys
import numpy as np, pandas as pd
path, types, shares = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
if path.endswith('.parquet'):
    frame = pd.read_parquet(path)
else:
    texts = [name for name, type in types.items() if type in ('string', 'boolean', 'timestamp')]
    frame = pd.read_csv(path, dtype={name: str for name in texts}, keep_default_na=False, na_values=[''], float_precision='round_trip')
number = lambda value: None if not np.isfinite(value) else float(value)
said = {}
for name, type in types.items():
    column = frame[name]
    if type in ('string', 'boolean'):
        words = column.dropna().astype(str).str.lower() if type == 'boolean' else column.dropna()
        said[name] = dict(kind='categories', missing=int(column.isna().sum()), counts={str(k): int(v) for k, v in words.value_counts().items()})
        continue
    if type == 'timestamp':
        times = pd.to_datetime(column, format='ISO8601', utc=True)
        column = times.dt.as_unit('ms').astype('int64').where(times.notna()).astype('float64')
    column = column.astype('float64')
    infinite = np.isinf(column)
    some = column[~infinite].dropna()
    said[name] = dict(kind='numbers', missing=int(column.isna().sum()), infinite=int(infinite.sum()), finite=len(some),
        mean=number(some.mean()), variance=number(some.var()), min=number(some.min()), max=number(some.max()), distinct=int(column.nunique()),
        quantiles=[float(np.quantile(some, q, method='inverted_cdf')) for q in shares] if len(some) else [])
print(json.dumps(said))
`;

const vega = (name: string) => resolve('node_modules/vega-datasets/data', name);
let folder: string;
const tables: {
  readonly name: string;
  readonly format: TableFormat;
  path(): string;
  readonly shards: number;
}[] = [
  { name: 'every kind of column', format: 'csv', path: () => join(folder, 'kinds.csv'), shards: 7 },
  { name: 'birdstrikes', format: 'csv', path: () => vega('birdstrikes.csv'), shards: 5 },
  { name: 'airports', format: 'csv', path: () => vega('airports.csv'), shards: 3 },
  { name: 'weather', format: 'csv', path: () => vega('seattle-weather.csv'), shards: 4 },
  { name: 'three million flights', format: 'parquet', path: () => vega('flights-3m.parquet'), shards: 9 },
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pandas-'));
  await writeFile(join(folder, 'kinds.csv'), kinds(20_000));
});
afterAll(() => rm(folder, { recursive: true }));

/** Numbers near and far from zero, over many powers of ten, few and many; dates, times with and without zones; words. */
function kinds(rows: number): string {
  const next = chance(23);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const pad = (value: number) => String(value).padStart(2, '0');
  const some = (share: number, text: () => string | number) => (next() < share ? text() : '');
  const lines = Array.from({ length: rows }, (_, row) => [
    ...[row + 1, some(0.9, () => normal()), Math.exp(8 * normal()), 1e6 + normal()],
    ...[
      some(0.7, () => Math.floor(next() * 5)),
      '',
      4.25,
      some(0.95, () => (next() < 0.01 ? '-inf' : next())),
    ],
    some(0.8, () => String(next() < 0.3)),
    some(0.97, () => `w${Math.floor(3000 * next() ** 3)}`),
    some(0.99, () => `name ${Math.floor(next() * 15_000)}`),
    some(
      0.9,
      () =>
        `19${pad(Math.floor(60 + next() * 40))}-0${1 + Math.floor(next() * 9)}-${pad(1 + Math.floor(next() * 28))}`,
    ),
    some(
      0.9,
      () =>
        `2026-03-01T${pad(Math.floor(next() * 24))}:${pad(Math.floor(next() * 60))}:${pad(Math.floor(next() * 60))}.${100 + Math.floor(next() * 900)}${row % 2 ? '+05:30' : 'Z'}`,
    ),
  ]);
  const names = 'id,normal,wide,far,few,none,constant,infinite,flag,word,name,date,time';
  return `${names}\n${lines.map((cells) => cells.join(',')).join('\n')}\n`;
}

async function ourProfile(
  path: string,
  format: TableFormat,
  shards: number,
): Promise<readonly ColumnProfile[]> {
  const sources = await openFiles(path);
  const schema = await inferSchema(sources, format);
  let profile = emptyProfile(schema);
  const planned = await planShards(sources, format, schema, { targetBytes: 1, shards });
  expect(planned.length).toBeGreaterThan(1);
  // From the last to the first: what a profile holds does not follow from the order.
  for (const shard of planned.toReversed()) {
    for await (const { batch } of readShard(sources[0]!, shard, schema))
      profile = mergeProfiles(profileOf(batch), profile);
  }
  return profile.columns;
}

const closeTo = (ours: number, theirs: number | null) =>
  theirs === null
    ? expect(ours).toBeNaN()
    : expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-12 * Math.abs(theirs));

describe.each(tables)('the merged profile of $name', ({ format, path, shards }) => {
  test('says what pandas says', async () => {
    const columns = await ourProfile(path(), format, shards);
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    const given = ['-c', program, path(), JSON.stringify(types), JSON.stringify(shares)];
    const { stdout } = await promisify(execFile)(python, given, { maxBuffer: 2 ** 26 });
    const said = JSON.parse(stdout) as Readonly<Record<string, Said>>;
    expect(Object.keys(said)).toHaveLength(columns.length);
    for (const column of columns) agree(column, said[column.name]!);
  });
});

function agree(column: ColumnProfile, said: Said): void {
  if (column.kind === 'categories' && said.kind === 'categories') {
    const { zeros, counts, others } = column.categories;
    const different = Object.keys(said.counts).length;
    expect([column.name, column.missing]).toEqual([column.name, said.missing]);
    for (const [word, count] of counts) expect([word, count]).toEqual([word, said.counts[word]]);
    if (zeros === 0) expect([counts.length, others]).toEqual([different, 0]);
    else expect(Math.abs(distinctOf(column.categories) / different - 1)).toBeLessThan(0.15);
    return;
  }
  if (column.kind !== 'numbers' || said.kind !== 'numbers') throw new Error(`${column.name} is of two kinds`);
  const { name, missing, infinite, finite, min, max, sketch, distinct } = column;
  expect({ name, missing, infinite, finite, min, max }).toEqual({
    ...{
      name,
      missing: said.missing,
      infinite: said.infinite,
      finite: said.finite,
      min: said.min,
      max: said.max,
    },
  });
  closeTo(mean(column), said.mean);
  closeTo(variance(column), said.variance);
  const isExact = sketch.bits === exactBits;
  for (const [at, theirs] of said.quantiles.entries()) {
    const ours = quantile(column, shares[at]!);
    if (isExact) expect([name, shares[at], ours]).toEqual([name, shares[at], theirs]);
    else expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(2 ** -sketch.bits * Math.abs(theirs));
  }
  if (isExact && infinite === 0) expect(sketch.values.length).toBe(said.distinct);
  if (!distinct) return;
  const counted = distinctCount(distinct);
  if (distinct.zeros === 0) expect(counted).toBe(said.distinct);
  else expect(Math.abs(counted / said.distinct - 1)).toBeLessThan(0.2);
}
