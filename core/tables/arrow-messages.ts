import { FlatTable, viewOf } from './arrow-flat.ts';

const kinds = [undefined, 'schema', 'dictionary', 'batch'] as const;
const unionType = 14;
/** A schema of more fields, at any depth, is none. */
const mostFields = 100_000;

export interface ArrowMessage {
  readonly kind: 'schema' | 'dictionary' | 'batch';
  /** Of a batch. */
  readonly rows: number;
  readonly bodyLength: number;
  /** Where its body begins. */
  readonly body: number;
}

/**
 * What the message at `at` says of itself (Message.fbs), its metadata looked through: whoever decodes it finds as many
 * entries as it promises. Undefined at the end of a stream; `RangeError` where it is none.
 */
export function readMessage(bytes: Uint8Array, at: number): ArrowMessage | undefined {
  const view = viewOf(bytes);
  if (at >= view.byteLength) return undefined;
  let start = at + 4;
  let length = view.getInt32(at, true);
  if (length === -1) {
    length = view.getInt32(start, true);
    start += 4;
  }
  if (length === 0) return undefined;
  const body = start + length;
  if (length < 0 || body > bytes.length)
    throw new RangeError(
      `a message at byte ${at} has ${length} bytes of metadata, of which there are not as many`,
    );
  try {
    return { ...look(viewOf(bytes.subarray(start, body))), body };
  } catch (cause) {
    throw new RangeError(`the message at byte ${at} is broken: ${String(cause)}`, { cause });
  }
}

function look(view: DataView): Omit<ArrowMessage, 'body'> {
  const message = new FlatTable(view, 0);
  const kind = kinds[message.uint8(6)];
  const header = message.table(8);
  if (kind === undefined || header === undefined) throw new RangeError(`it is of kind ${message.uint8(6)}`);
  const bodyLength = message.int64(10);
  if (kind === 'schema') lookAtSchema(header);
  else {
    const batch = kind === 'batch' ? header : header.table(6);
    if (batch === undefined) throw new RangeError('it has no dictionary');
    lookAtBatch(batch, bodyLength);
  }
  return { kind, rows: kind === 'batch' ? header.int64(4) : 0, bodyLength };
}

export function lookAtSchema(schema: FlatTable): void {
  let left = mostFields;
  const lookAtField = (field: FlatTable): void => {
    if (--left < 0) throw new RangeError(`it has more than ${mostFields} fields`);
    lookAtPairs(field, 16);
    if (field.uint8(8) === unionType) field.table(10)?.entries(6, 4);
    for (const child of field.entries(14, 4)) lookAtField(new FlatTable(field.view, child));
  };
  lookAtPairs(schema, 8);
  for (const field of schema.entries(6, 4)) lookAtField(new FlatTable(schema.view, field));
}

function lookAtPairs(table: FlatTable, slot: number): void {
  for (const pair of table.entries(slot, 4)) new FlatTable(table.view, pair);
}

function lookAtBatch(batch: FlatTable, bodyLength: number): void {
  batch.int64(4);
  batch.entries(6, 16);
  for (const buffer of batch.entries(8, 16)) {
    const [offset, length] = [buffer, buffer + 8].map((at) => batch.view.getBigInt64(at, true));
    if (offset! < 0n || length! < 0n || offset! + length! > BigInt(bodyLength))
      throw new RangeError(`a buffer reaches beyond the body of ${bodyLength} bytes`);
  }
  batch.entries(12, 8);
}
