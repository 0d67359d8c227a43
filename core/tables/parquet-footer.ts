import { type FileMetaData, parquetMetadataAsync, type SchemaElement } from 'hyparquet';
import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import type { FieldType } from './batch.ts';

/** Enough for the footer of a few dozen row groups; a longer one costs a second read. */
const firstRead = 64 * 2 ** 10;

/** Reads what a Parquet file says about itself at its end. `BadTable` where it is none. */
export async function readFooter(source: ByteSource): Promise<FileMetaData> {
  if (source.size === 0) throw new FanfareError('BadTable', `${source.uri} is empty: it has zero bytes.`);
  const file = {
    byteLength: source.size,
    slice: async (start: number, end = source.size) => bufferOf(await source.read(start, end)),
  };
  try {
    return await parquetMetadataAsync(file, {
      initialFetchSize: Math.min(firstRead, source.size),
      geoparquet: false,
    });
  } catch (cause) {
    if (cause instanceof FanfareError) throw cause;
    throw new FanfareError('BadTable', `${source.uri} is not a Parquet file: ${String(cause)}`, { cause });
  }
}

/** A column of a file, or why it cannot be one of ours. */
export type ParquetColumn =
  | {
      readonly kind: 'flat';
      readonly name: string;
      readonly type: FieldType;
      readonly element: SchemaElement;
    }
  | { readonly kind: 'other'; readonly name: string; readonly reason: string };

/** The columns at the top of the file's schema, in its order. */
export function columnsOf(footer: FileMetaData): readonly ParquetColumn[] {
  const [root, ...elements] = footer.schema;
  const columns: ParquetColumn[] = [];
  for (
    let at = 0;
    columns.length < (root?.num_children ?? 0) && at < elements.length;
    at = afterTree(elements, at)
  ) {
    columns.push(columnOfElement(elements[at]!));
  }
  return columns;
}

/** The elements stand in depth-first order. */
function afterTree(elements: readonly SchemaElement[], at: number): number {
  let next = at + 1;
  for (let child = 0; child < (elements[at]?.num_children ?? 0); child++) next = afterTree(elements, next);
  return next;
}

function columnOfElement(element: SchemaElement): ParquetColumn {
  const { name } = element;
  if (element.num_children !== undefined && element.num_children > 0) {
    return { kind: 'other', name, reason: 'it is nested' };
  }
  if (element.repetition_type === 'REPEATED') return { kind: 'other', name, reason: 'it is a list' };
  const type = typeOf(element);
  if (type !== undefined) return { kind: 'flat', name, type, element };
  const says = element.logical_type?.type ?? element.converted_type;
  return {
    kind: 'other',
    name,
    reason: `it is of type ${element.type}${says === undefined ? '' : ` (${says})`}`,
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

/** The bytes as a buffer of exactly their own, copied only where they are part of a larger one. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteOffset === 0 && bytes.length === buffer.byteLength)
    return buffer;
  return bytes.slice().buffer as ArrayBuffer;
}
