import { FanfareError } from '../errors.ts';
import {
  type FieldType,
  type FrameColumn,
  fieldTypes,
  type HeldColumn,
  sizeOf,
  type TensorColumn,
} from '../tables/batch.ts';
import { validityOf } from '../tables/cells.ts';

/**
 * What user code gives as a column, a value a row; null, undefined and NaN are missing. A typed array says its type (float
 * twice, integer twice, boolean by 0 and 1), an array by its first value: numbers are float, bigints integer, Dates
 * timestamp. A declared type says it for an array that may hold missing values alone; integer takes whole numbers then,
 * and timestamp milliseconds since 1970.
 */
export type ColumnValues =
  | Values
  | { readonly type: FieldType; readonly values: Values }
  | Omit<TensorColumn, 'valid'>
  | HeldColumn;

type Values =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | readonly (number | null | undefined)[]
  | readonly (bigint | null | undefined)[]
  | readonly (string | null | undefined)[]
  | readonly (boolean | null | undefined)[]
  | readonly (Date | null | undefined)[];

type Value = number | bigint | string | boolean | Date | null | undefined;

/**
 * The values as a column. Arrays are copied, a `Column` is taken as it is. `before` is the type of the column that it takes
 * the place of, which an array of missing values keeps. `UserCodeFailed` where they are not `count` values of one type.
 */
export function columnFrom(
  name: string,
  given: ColumnValues,
  count: number,
  before?: HeldColumn['type'],
): HeldColumn {
  if (isValues(given)) {
    requireLength(name, given, count);
    const kept = fieldTypes.find((type) => type === before);
    return columnOf(name, typeOf(name, given, kept), given);
  }
  if (given?.type === 'tensor') return tensors(name, given, count);
  if (given?.type === 'bytes') {
    requireLength(name, given.values, count);
    return given;
  }
  if (typeof given !== 'object' || given === null || !fieldTypes.includes(given.type)) {
    throw refused(
      name,
      `${shown(given)} is no column: give an array, or { type, values } with a type of ${types}`,
    );
  }
  if ('valid' in given) return whole(name, given, count);
  if (!isValues(given.values)) throw refused(name, `its values are ${shown(given.values)}, and no array`);
  requireLength(name, given.values, count);
  return columnOf(name, given.type, given.values);
}

const types = [...fieldTypes, 'tensor'].join(', ');

function tensors(name: string, { shape, values }: Omit<TensorColumn, 'valid'>, count: number): TensorColumn {
  const isShape =
    Array.isArray(shape) && shape.length > 0 && shape.every((side) => Number.isInteger(side) && side > 0);
  if (!isShape)
    throw refused(name, `its shape is ${shown(shape)}; a tensor's is whole numbers above 0, as [3, 8, 8]`);
  if (!(values instanceof Float32Array))
    throw refused(name, `its values are ${shown(values)}; a tensor's are a Float32Array`);
  const wanted = count * sizeOf(shape);
  if (values.length === wanted) return { type: 'tensor', shape, values, valid: null };
  throw refused(
    name,
    `${values.length} values were given for ${count} rows of shape [${shape.join(', ')}], which are ${wanted}`,
  );
}

const isValues = (given: unknown): given is Values => Array.isArray(given) || ArrayBuffer.isView(given);

function requireLength(name: string, { length }: { readonly length: number }, count: number): void {
  if (length !== count) throw refused(name, `${length} values were given for ${count} rows`);
}

/** Of no rows no type can be told, and none is needed. */
function typeOf(name: string, values: Values, before: FieldType | undefined): FieldType {
  if (values instanceof Float32Array || values instanceof Float64Array) return 'float';
  if (values instanceof Int32Array || values instanceof BigInt64Array) return 'integer';
  if (values instanceof Uint8Array) return 'boolean';
  if (!Array.isArray(values)) throw refused(name, `a ${values} is no column; use Float64Array or Int32Array`);
  const first: Value = values.find((value: Value) => value !== null && value !== undefined);
  const type =
    first === undefined ? (before ?? (values.length === 0 ? 'float' : undefined)) : typeOfValue(first);
  if (type !== undefined) return type;
  if (first !== undefined) throw refused(name, `${shown(first)} is no value of a column (${types})`);
  throw refused(
    name,
    `all of its ${values.length} values are missing, which tells no type: declare it, for instance { type: 'string', values }`,
  );
}

function typeOfValue(value: Value): FieldType | undefined {
  switch (typeof value) {
    case 'number':
      return 'float';
    case 'bigint':
      return 'integer';
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    default:
      return value instanceof Date ? 'timestamp' : undefined;
  }
}

const isMissing = (value: Value): boolean =>
  value === null || value === undefined || Number.isNaN(value instanceof Date ? value.getTime() : value);

function columnOf(name: string, type: FieldType, given: Values): FrameColumn {
  // A value at a time, 64-bit integers are slow.
  if (type === 'integer' && (given instanceof Int32Array || given instanceof BigInt64Array))
    return { type, values: given.slice(), valid: null };
  const values = given as ArrayLike<Value>;
  const present = Uint8Array.from(values, (value) => (isMissing(value) ? 0 : 1));
  const valid = validityOf(present);
  const fill = <Into extends { [row: number]: unknown }, Cell>(
    into: Into,
    cell: (value: Value) => Cell | undefined,
  ) => {
    for (let row = 0; row < values.length; row++) {
      if (present[row] === 0) continue;
      const taken = cell(values[row]);
      if (taken === undefined)
        throw refused(name, `it is of type ${type}, but row ${row} holds ${shown(values[row])}`);
      into[row] = taken;
    }
    return into;
  };
  const rows = values.length;
  switch (type) {
    case 'float':
      return { type, values: fill(new Float64Array(rows).fill(Number.NaN), number), valid };
    case 'integer':
      return { type, values: fill(new BigInt64Array(rows), integer), valid };
    case 'boolean':
      return { type, values: fill(new Uint8Array(rows), bit), valid };
    case 'timestamp':
      return { type, values: fill(new Float64Array(rows), millis), valid };
    case 'string': {
      const places = new Map<string, number>();
      const codes = fill(new Int32Array(rows), (value) => {
        if (typeof value !== 'string') return undefined;
        const place = places.get(value) ?? places.size;
        places.set(value, place);
        return place;
      });
      return { type, codes, dictionary: [...places.keys()], valid };
    }
  }
}

const number = (value: Value): number | undefined => (typeof value === 'number' ? value : undefined);

function integer(value: Value): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? value : undefined;
}

function bit(value: Value): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  return value === 0 || value === 1 ? value : undefined;
}

function millis(value: Value): number | undefined {
  const time = value instanceof Date ? value.getTime() : value;
  return typeof time === 'number' && Number.isFinite(time) ? time : undefined;
}

function whole(name: string, column: Exclude<FrameColumn, TensorColumn>, count: number): FrameColumn {
  const held = column.type === 'string' ? column.codes : column.values;
  requireLength(name, held, count);
  if (column.valid !== null) requireLength(name, column.valid, count);
  if (column.type !== 'string') return column;
  const wrong = column.codes.find((code) => !(code >= 0 && code < Math.max(1, column.dictionary.length)));
  if (wrong === undefined) return column;
  throw refused(name, `code ${wrong} is not within its dictionary of ${column.dictionary.length} words`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 50));
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

const refused = (name: string, why: string): FanfareError =>
  new FanfareError('UserCodeFailed', `column ${name}: ${why}`);
