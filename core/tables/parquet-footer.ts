import { type FileMetaData, parquetMetadata, type RowGroup, type SchemaElement } from 'hyparquet';
import { FanfareError } from '../errors.ts';
import type { ByteSource, Room } from '../store.ts';
import type { FieldType } from './batch.ts';
import { structEnd } from './parquet-thrift.ts';

/** Enough for the footer of a few dozen row groups; a longer one costs a second read. */
const firstRead = 64 * 2 ** 10;
/** The footer's length and the magic. */
const tailBytes = 8;

/** Reads what a Parquet file says about itself at its end. `BadTable` where it is none. */
export async function readFooter(source: ByteSource): Promise<FileMetaData> {
  if (source.size === 0) throw new FanfareError('BadTable', `${source.uri} is empty: it has zero bytes.`);
  try {
    const bytes = await footerBytes(source);
    structEnd(bytes, 0);
    const footer = parquetMetadata(bytes, { geoparquet: false });
    requireSound(footer);
    return footer;
  } catch (cause) {
    if (cause instanceof FanfareError) throw cause;
    const reason = cause instanceof RangeError ? cause.message : String(cause);
    throw new FanfareError('BadTable', `${source.uri} is not a Parquet file, or is cut off: ${reason}.`, {
      cause,
    });
  }
}

/** The footer and what follows it. */
async function footerBytes(source: ByteSource): Promise<Uint8Array> {
  const { size } = source;
  const from = Math.max(0, size - firstRead);
  const tail = await readExactly(source, from, size);
  const magic = new TextDecoder('latin1').decode(tail.subarray(-4));
  if (magic === 'PARE') throw new RangeError('its footer is encrypted');
  if (magic !== 'PAR1' || size < tailBytes + 4)
    throw new RangeError(
      `at its end, byte ${Math.max(0, size - 4)}, stands ${JSON.stringify(magic)} in place of "PAR1"`,
    );
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(tail.length - tailBytes, true);
  const start = size - tailBytes - length;
  if (start < 4)
    throw new RangeError(
      `at byte ${size - tailBytes} it gives its footer ${length} bytes, more than the ${size} of the file`,
    );
  if (start >= from) return tail.subarray(start - from);
  const head = await readExactly(source, start, from);
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

/** `RangeError` where the source gives fewer. */
export async function readExactly(
  source: ByteSource,
  start: number,
  end: number,
  room?: Room,
): Promise<Uint8Array> {
  const bytes = await source.read(start, end, room);
  if (bytes.length === end - start) return bytes;
  throw new RangeError(`bytes ${start} to ${end} were asked for, and ${bytes.length} came`);
}

function requireSound({ schema, row_groups: groups, num_rows: promised }: FileMetaData): void {
  const names = columnsOf({ schema }).map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new RangeError(`it has two columns of the name ${twice}`);
  const rows = groups.map((group) => rowsOf(group));
  const total = rows.reduce((sum, count) => sum + count, 0);
  if (rows.every((count) => count >= 0) && total === Number(promised)) return;
  throw new RangeError(`it promises ${promised} rows, and its row groups come to ${total}`);
}

export const rowsOf = (group: RowGroup): number => Number(group.num_rows ?? -1);

export interface FlatColumn {
  readonly kind: 'flat';
  /** Its path, `a.b` for the field b of a struct a. */
  readonly name: string;
  readonly type: FieldType;
  readonly element: SchemaElement;
  readonly path: readonly string[];
  /** Its definition level where it is not missing: how many of its path may be missing. */
  readonly level: number;
}

/** A column of a file, or why it cannot be one of ours. */
export type ParquetColumn =
  | FlatColumn
  | { readonly kind: 'other'; readonly name: string; readonly reason: string };

/** A struct, list or map whose elements are being passed. */
interface Group {
  readonly path: readonly string[];
  readonly level: number;
  /** Whether its elements are columns: those of a list are not. */
  readonly open: boolean;
  left: number;
}

/** The columns of a file, in its order: the leaves of structs, and lists and maps as the one column that they cannot be. */
export function columnsOf({ schema }: Pick<FileMetaData, 'schema'>): readonly ParquetColumn[] {
  const [root, ...elements] = schema;
  const columns: ParquetColumn[] = [];
  const groups: Group[] = [{ path: [], level: 0, open: true, left: root?.num_children ?? 0 }];
  // The elements stand in depth-first order.
  for (const element of elements) {
    while (groups.length > 0 && groups.at(-1)!.left === 0) groups.pop();
    const parent = groups.at(-1);
    if (parent === undefined) break;
    parent.left--;
    const path = [...parent.path, element.name];
    const level = parent.level + (element.repetition_type === 'OPTIONAL' ? 1 : 0);
    const children = element.type === undefined ? (element.num_children ?? 0) : 0;
    const column = columnOf(element, path, level, children);
    if (parent.open && column !== undefined) columns.push(column);
    if (children > 0) groups.push({ path, level, open: parent.open && column === undefined, left: children });
  }
  return columns;
}

/** Undefined for a struct, whose fields are columns. */
function columnOf(
  element: SchemaElement,
  path: readonly string[],
  level: number,
  children: number,
): ParquetColumn | undefined {
  const name = path.join('.');
  const says = element.logical_type?.type ?? element.converted_type;
  if (says === 'LIST') return { kind: 'other', name, reason: 'it is a list' };
  if (says?.startsWith('MAP')) return { kind: 'other', name, reason: 'it is a map' };
  if (element.repetition_type === 'REPEATED') return { kind: 'other', name, reason: 'it is a list' };
  if (children > 0 && says === undefined) return undefined;
  const type = element.type === undefined ? undefined : typeOf(element);
  if (type !== undefined) return { kind: 'flat', name, type, element, path, level };
  const physical = element.type ?? 'struct';
  return {
    kind: 'other',
    name,
    reason: `it is of type ${physical}${says === undefined ? '' : ` (${says})`}`,
  };
}

/** What our columns hold of Parquet's types: physical, converted and logical (apache/parquet-format, LogicalTypes.md). */
function typeOf(element: SchemaElement): FieldType | undefined {
  const logical = element.logical_type?.type;
  const converted = element.converted_type;
  if (converted === 'DECIMAL' || logical === 'DECIMAL') return 'float';
  switch (element.type) {
    case 'BOOLEAN':
      return 'boolean';
    case 'FLOAT':
    case 'DOUBLE':
      return 'float';
    case 'INT96':
      return 'timestamp';
    case 'INT32':
      if (converted === 'DATE' || logical === 'DATE') return 'timestamp';
      return converted === 'TIME_MILLIS' || logical === 'TIME' ? undefined : 'integer';
    case 'INT64':
      if (logical === 'TIMESTAMP' || converted?.startsWith('TIMESTAMP_')) return 'timestamp';
      return converted === 'TIME_MICROS' || logical === 'TIME' ? undefined : 'integer';
    case 'BYTE_ARRAY': {
      const isText = ['UTF8', 'ENUM', 'JSON'].includes(converted ?? '');
      return isText || ['STRING', 'ENUM', 'JSON'].includes(logical ?? '') ? 'string' : undefined;
    }
    case 'FIXED_LEN_BYTE_ARRAY':
      return logical === 'FLOAT16' ? 'float' : undefined;
    default:
      return undefined;
  }
}
