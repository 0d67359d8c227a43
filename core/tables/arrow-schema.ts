import { type DataType, type Schema, TimeUnit, Type, tableFromIPC } from '@uwdata/flechette';
import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { viewOf } from './arrow-flat.ts';
import { arrowSlice, readArrowFooter } from './arrow-footer.ts';
import { readMessage } from './arrow-messages.ts';
import type { FieldType } from './batch.ts';
import type { DeclaredColumn } from './fields.ts';

const firstRead = 64 * 2 ** 10;
const continuation = 0xffffffff;
const endOfStream = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** What columns an Arrow IPC file or stream declares. `BadTable` where it is none. */
export async function arrowColumnsOf(source: ByteSource): Promise<readonly DeclaredColumn[]> {
  try {
    const footer = await readArrowFooter(source);
    const schema =
      footer === undefined ? await schemaOfStream(source) : await arrowSlice(source, footer, 0, 0);
    return columnsOfSchema(tableFromIPC(schema).schema);
  } catch (cause) {
    if (cause instanceof FanfareError) throw cause;
    throw new FanfareError('BadTable', `${source.uri} is not an Arrow IPC file or stream: ${String(cause)}`, {
      cause,
    });
  }
}

/** The schema at the beginning, as a stream of its own. */
async function schemaOfStream(source: ByteSource): Promise<Uint8Array> {
  const head = await source.read(0, Math.min(firstRead, source.size));
  const view = viewOf(head);
  if (view.getUint32(0, true) !== continuation) throw new RangeError('it begins otherwise');
  const end = 8 + view.getUint32(4, true);
  const message = end <= head.length ? head.slice(0, end) : await source.read(0, Math.min(end, source.size));
  if (readMessage(message, 0)?.kind !== 'schema') throw new RangeError('it does not begin with a schema');
  const stream = new Uint8Array(message.length + endOfStream.length);
  stream.set(message);
  stream.set(endOfStream, message.length);
  return stream;
}

export const columnsOfSchema = (schema: Schema): readonly DeclaredColumn[] =>
  schema.fields.map(({ name, type }) => {
    const ours = fieldTypeOf(type);
    return ours === undefined
      ? { kind: 'other', name, reason: `it is of Arrow's type ${nameOf(type)}` }
      : { kind: 'flat', name, type: ours };
  });

function fieldTypeOf(type: DataType): FieldType | undefined {
  switch (type.typeId) {
    case Type.Int:
      return 'integer';
    case Type.Float:
    case Type.Decimal:
      return 'float';
    case Type.Bool:
      return 'boolean';
    case Type.Date:
    case Type.Timestamp:
      return 'timestamp';
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return 'string';
    case Type.Dictionary:
      return fieldTypeOf(type.dictionary) === 'string' ? 'string' : undefined;
    default:
      return undefined;
  }
}

const nameOf = (type: DataType): string =>
  Object.entries(Type).find(([, id]) => id === type.typeId)?.[0] ?? String(type.typeId);

/** How many units of a timestamp make a millisecond; seconds make less than one. */
export function ticksPerMilli(unit: number): number {
  if (unit === TimeUnit.NANOSECOND) return 1_000_000;
  if (unit === TimeUnit.MICROSECOND) return 1000;
  return unit === TimeUnit.SECOND ? 1 / 1000 : 1;
}
