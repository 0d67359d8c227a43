import { FanfareError } from '../errors.ts';
import type { Batch, Column, Field, Floats, Validity } from './batch.ts';
import { integersOf } from './integers.ts';

/** One batch of all rows. The batches have the same fields; words that no row uses leave the dictionaries if they differ. */
export function concatBatches(batches: readonly Batch[]): Batch {
  const [first] = batches;
  if (first === undefined)
    throw new FanfareError('BadTable', 'No batches to join: one at least says what the columns are.');
  if (batches.length === 1) return first;
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  const columns = first.fields.map((field, place) =>
    concatColumns(partsOf(batches, field, place), field, rows),
  );
  return { rows, fields: first.fields, columns };
}

/** The column of all batches. `BadTable` where one has another at that place. */
export function partsOf(batches: readonly Batch[], field: Field, place: number): readonly Column[] {
  return batches.map(({ fields, columns }) => {
    const column = columns[place];
    if (column?.type === field.type && fields[place]?.name === field.name) return column;
    const given = fields.map(({ name, type }) => `${name} (${type})`).join(', ');
    throw new FanfareError(
      'BadTable',
      `Batches of one table have the same columns, but where one has ${field.name} (${field.type}) another has ${given}.`,
    );
  });
}

/** One column of so many rows. */
export function concatColumns(parts: readonly Column[], field: Field, rows: number): Column {
  const valid = concatValidity(parts, rows);
  switch (field.type) {
    case 'float': {
      const isSingle =
        parts.length > 0 && parts.every((part) => (part as FloatColumn).values instanceof Float32Array);
      return {
        type: 'float',
        values: join(parts, isSingle ? new Float32Array(rows) : new Float64Array(rows)),
        valid,
      };
    }
    case 'timestamp':
      return { type: 'timestamp', values: join(parts, new Float64Array(rows)), valid };
    case 'boolean':
      return { type: 'boolean', values: join(parts, new Uint8Array(rows)), valid };
    case 'integer':
      return { type: 'integer', values: concatIntegers(parts, rows), valid };
    case 'string':
      return concatStrings(parts as readonly Strings[], rows, valid);
  }
}

type FloatColumn = Extract<Column, { type: 'float' }>;
type Strings = Extract<Column, { type: 'string' }>;

export const lengthOf = (column: Column): number =>
  column.type === 'string' ? column.codes.length : column.values.length;

function join<T extends Floats | Uint8Array | Int32Array>(parts: readonly Column[], out: T): T {
  let at = 0;
  for (const part of parts) {
    out.set((part.type === 'string' ? part.codes : part.values) as T, at);
    at += lengthOf(part);
  }
  return out;
}

function concatIntegers(parts: readonly Column[], rows: number): BigInt64Array | Int32Array {
  const values = parts.map((part) => (part as Extract<Column, { type: 'integer' }>).values);
  if (values.every((part) => part instanceof Int32Array)) return join(parts, new Int32Array(rows));
  const wide = new BigInt64Array(rows);
  let at = 0;
  for (const part of values) {
    wide.set(part instanceof BigInt64Array ? part : integersOf(part), at);
    at += part.length;
  }
  return wide;
}

function concatStrings(parts: readonly Strings[], rows: number, valid: Validity): Column {
  const [first] = parts;
  if (first !== undefined && parts.every((part) => part.dictionary === first.dictionary)) {
    return { type: 'string', codes: join(parts, new Int32Array(rows)), dictionary: first.dictionary, valid };
  }
  const places = new Map<string, number>();
  const codes = new Int32Array(rows);
  let at = 0;
  for (const part of parts) {
    const remap = new Int32Array(part.dictionary.length).fill(-1);
    for (let i = 0; i < part.codes.length; i++, at++) {
      if (part.valid !== null && part.valid[i] === 0) continue;
      const code = part.codes[i]!;
      if (remap[code]! < 0) remap[code] = placeOf(places, part.dictionary[code]!);
      codes[at] = remap[code]!;
    }
  }
  return { type: 'string', codes, dictionary: [...places.keys()], valid };
}

function placeOf(places: Map<string, number>, word: string): number {
  const place = places.get(word) ?? places.size;
  places.set(word, place);
  return place;
}

export function concatValidity(parts: readonly Column[], rows: number): Validity {
  if (parts.every((part) => part.valid === null)) return null;
  const valid = new Uint8Array(rows).fill(1);
  let at = 0;
  for (const part of parts) {
    if (part.valid !== null) valid.set(part.valid, at);
    at += lengthOf(part);
  }
  return valid;
}
