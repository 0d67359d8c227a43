import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { arrowColumnsOf } from './arrow-schema.ts';
import type { Field, FieldType } from './batch.ts';
import { readHeader } from './csv-header.ts';
import { type DeclaredColumn, fieldsNamed } from './fields.ts';
import { delimiterOf, isGzip, type TableFormat } from './format.ts';
import { type Gunzip, gzipHead, requireGunzip } from './gzip.ts';
import { inferCsv, inferNdjson, type TypeOverrides } from './infer.ts';
import { columnsOf, readFooter } from './parquet-footer.ts';
import type { Schema, UnreadableColumn } from './shard.ts';

/** So many files are asked for their schema at once. */
const atOnce = 16;

/**
 * What columns a table has. Parquet and Arrow declare it, and all files must declare the same; of CSV and NDJSON the
 * first and the last MiB are looked at. `overrides` has the last word on CSV and NDJSON; elsewhere it can only widen
 * an integer to a float. `BadTable` for a table without columns or bytes, or whose files disagree; NDJSON of zero bytes
 * is a table without rows, whose columns nobody knows.
 */
export async function inferSchema(
  sources: readonly ByteSource[],
  format: TableFormat,
  overrides: TypeOverrides = {},
  options: { readonly delimiter?: string; readonly gunzip?: Gunzip } = {},
): Promise<Schema> {
  const held = sources
    .filter((source) => source.size > 0)
    .map((source) =>
      isGzip(source.name) ? gzipHead(source, requireGunzip(options.gunzip, source.uri)) : source,
    );
  const first = held[0];
  if (first === undefined && sources.length > 0 && format === 'ndjson') return { fields: [] };
  if (first === undefined) {
    const names = sources.map((source) => source.uri).join(', ');
    throw new FanfareError(
      'BadTable',
      `The table is empty: ${names || 'it has no files'}${names && ' has zero bytes'}.`,
    );
  }
  switch (format) {
    case 'parquet':
    case 'arrow':
      return overridden(await declaredSchema(held, format), overrides, first.uri, canWiden);
    case 'csv': {
      const delimiter = options.delimiter ?? delimiterOf(first.name);
      await requireSameHeaders(held, delimiter);
      const fields = await inferCsv(held, delimiter, overrides);
      return overridden({ fields, delimiter }, overrides, first.uri, () => true);
    }
    case 'ndjson': {
      const fields = await inferNdjson(held, overrides);
      if (fields.length === 0)
        throw new FanfareError('BadTable', `${first.uri} holds no JSON object, one a line.`);
      return overridden({ fields }, overrides, first.uri, () => true);
    }
  }
}

const canWiden = (from: FieldType, to: FieldType): boolean =>
  from === to || (from === 'integer' && to === 'float');

function overridden(
  schema: Schema,
  overrides: TypeOverrides,
  uri: string,
  allowed: (from: FieldType, to: FieldType) => boolean,
): Schema {
  for (const field of fieldsNamed(schema, Object.keys(overrides))) {
    const type = overrides[field.name]!;
    if (allowed(field.type, type)) continue;
    throw new FanfareError(
      'InvalidSpec',
      `Column ${field.name} is declared ${field.type} by ${uri}, and cannot be read as ${type}; only an integer can be read as a float.`,
    );
  }
  const fields = schema.fields.map(({ name, type }) => ({ name, type: overrides[name] ?? type }));
  return { ...schema, fields };
}

async function declaredSchema(sources: readonly ByteSource[], format: 'parquet' | 'arrow'): Promise<Schema> {
  const [first, ...others] = sources;
  const declared = await declaredBy(first!, format);
  for (let at = 0; at < others.length; at += atOnce) {
    const some = others.slice(at, at + atOnce);
    const columns = await Promise.all(some.map((source) => declaredBy(source, format)));
    for (const [i, source] of some.entries()) requireSame(declared, columns[i]!, first!.uri, source.uri);
  }
  const fields: Field[] = [];
  const unreadable: UnreadableColumn[] = [];
  for (const column of declared) {
    if (column.kind === 'flat') fields.push({ name: column.name, type: column.type });
    else unreadable.push({ name: column.name, reason: column.reason });
  }
  if (fields.length > 0) return { fields, ...(unreadable.length > 0 ? { unreadable } : {}) };
  const why = unreadable.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new FanfareError('BadTable', `${first!.uri} has no columns that can be read${why && ` (${why})`}.`);
}

async function declaredBy(
  source: ByteSource,
  format: 'parquet' | 'arrow',
): Promise<readonly DeclaredColumn[]> {
  return format === 'parquet' ? columnsOf(await readFooter(source)) : arrowColumnsOf(source);
}

function requireSame(
  declared: readonly DeclaredColumn[],
  others: readonly DeclaredColumn[],
  uri: string,
  otherUri: string,
): void {
  for (const column of declared) {
    const other = others.find(({ name }) => name === column.name);
    if (other === undefined)
      throw new FanfareError('BadTable', `${otherUri} lacks the column ${column.name}, which ${uri} has.`);
    if (typeName(other) === typeName(column)) continue;
    throw new FanfareError(
      'BadTable',
      `Column ${column.name} is ${typeName(column)} in ${uri}, and ${typeName(other)} in ${otherUri}.`,
    );
  }
  requireNoMore(
    declared.map(({ name }) => name),
    others.map(({ name }) => name),
    uri,
    otherUri,
  );
}

const typeName = (column: DeclaredColumn): string => (column.kind === 'flat' ? column.type : 'unreadable');

function requireNoMore(
  names: readonly string[],
  others: readonly string[],
  uri: string,
  otherUri: string,
): void {
  const more = others.find((name) => !names.includes(name));
  if (more === undefined) return;
  throw new FanfareError('BadTable', `${otherUri} has a column ${more}, which ${uri} lacks.`);
}

/** The order may differ. */
async function requireSameHeaders(sources: readonly ByteSource[], delimiter: string): Promise<void> {
  const [first, ...others] = sources;
  const { names } = await readHeader(first!, delimiter);
  for (let at = 0; at < others.length; at += atOnce) {
    const some = others.slice(at, at + atOnce);
    const headers = await Promise.all(some.map((source) => readHeader(source, delimiter)));
    for (const [i, { names: theirs }] of headers.entries()) {
      requireNoMore(theirs, names, some[i]!.uri, first!.uri);
      requireNoMore(names, theirs, first!.uri, some[i]!.uri);
    }
  }
}
