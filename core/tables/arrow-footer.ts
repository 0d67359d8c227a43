import { FanfareError } from '../errors.ts';
import type { ByteSource } from '../store.ts';
import { FlatTable, int64, viewOf } from './arrow-flat.ts';
import { lookAtSchema } from './arrow-messages.ts';

/** Enough for the footer of a few hundred record batches; a longer one costs a second read. */
const firstRead = 64 * 2 ** 10;
const magic = 'ARROW1';
/** The magic and, before it, the footer's length. */
const trailerBytes = magic.length + 4;
/** The magic, filled up to where the first message may begin. */
const headBytes = 8;

/** Where a message lies in the file, with its body. */
export interface ArrowBlock {
  readonly start: number;
  readonly end: number;
}

export interface ArrowFooter {
  readonly bytes: Uint8Array;
  readonly dictionaries: readonly ArrowBlock[];
  readonly batches: readonly ArrowBlock[];
}

/**
 * The footer of an Arrow IPC file (File.fbs), which says where its record batches lie; undefined for a stream, which
 * has none. `BadTable` for a file that is cut off, or whose footer is none.
 */
export async function readArrowFooter(source: ByteSource): Promise<ArrowFooter | undefined> {
  const { size, uri } = source;
  if (!isMagic(await source.read(0, Math.min(magic.length, size)))) return undefined;
  const tail = await source.read(Math.max(0, size - firstRead), size);
  const trailer = tail.length - trailerBytes;
  if (size < headBytes + trailerBytes || !isMagic(tail.subarray(-magic.length))) {
    throw new FanfareError(
      'BadTable',
      `${uri} begins as an Arrow IPC file does and does not end as one at byte ${size}: is it cut off?`,
    );
  }
  try {
    const length = viewOf(tail).getInt32(trailer, true);
    const start = size - trailerBytes - length;
    if (length < 8 || start < headBytes) throw new RangeError(`it has ${length} bytes, by its own account`);
    const bytes =
      length <= trailer
        ? tail.slice(trailer - length, trailer)
        : await source.read(start, size - trailerBytes);
    return { bytes, ...blocksOf(bytes, start) };
  } catch (cause) {
    if (cause instanceof FanfareError) throw cause;
    throw new FanfareError('BadTable', `The footer of ${uri} is broken: ${String(cause)}`, { cause });
  }
}

/** Of a whole file in memory. `RangeError` where it is none; undefined for a stream. */
export function footerOf(file: Uint8Array): Omit<ArrowFooter, 'bytes'> | undefined {
  if (!isMagic(file.subarray(0, magic.length))) return undefined;
  const end = file.length - trailerBytes;
  if (end < headBytes || !isMagic(file.subarray(-magic.length)))
    throw new RangeError(`it does not end as a file does at byte ${file.length}: is it cut off?`);
  const length = viewOf(file).getInt32(end, true);
  const start = end - length;
  if (length < 8 || start < headBytes) throw new RangeError(`its footer has ${length} bytes`);
  return blocksOf(file.subarray(start, end), start);
}

const isMagic = (bytes: Uint8Array): boolean => new TextDecoder().decode(bytes) === magic;

const blocks = { dictionaries: 8, batches: 10 } as const;
const blockBytes = 24;

function blocksOf(bytes: Uint8Array, end: number): Omit<ArrowFooter, 'bytes'> {
  const footer = new FlatTable(viewOf(bytes), 0);
  const schema = footer.table(6);
  if (schema === undefined) throw new RangeError('it has no schema');
  lookAtSchema(schema);
  const of = (slot: number) =>
    footer.entries(slot, blockBytes).map((at, block): ArrowBlock => {
      const start = int64(footer.view, at);
      const last = start + footer.view.getUint32(at + 8, true) + int64(footer.view, at + 16);
      if (start >= headBytes && start < last && last <= end) return { start, end: last };
      throw new RangeError(`block ${block} lies at bytes ${start} to ${last}, and the footer at byte ${end}`);
    });
  return { dictionaries: of(blocks.dictionaries), batches: of(blocks.batches) };
}

/**
 * An Arrow file of its own with the record batches from `first` to `end` (exclusive) of another, and all its
 * dictionaries: the same messages, under a footer that says where they lie now.
 */
export async function arrowSlice(
  source: ByteSource,
  footer: ArrowFooter,
  first: number,
  end: number,
): Promise<Uint8Array> {
  const batches = footer.batches.slice(first, end);
  const dictionaries = batches.length > 0 ? footer.dictionaries : [];
  const messages = [...dictionaries, ...batches];
  let at = headBytes;
  const places = messages.map((message) => {
    const place = at + (message.start % 8);
    at = Math.ceil((place + message.end - message.start) / 8) * 8;
    return place;
  });
  const file = new Uint8Array(at + footer.bytes.length + trailerBytes);
  await copyMessages(source, messages, places, file);
  file.set(footer.bytes, at);
  const table = new FlatTable(viewOf(file.subarray(at, at + footer.bytes.length)), 0);
  moveBlocks(table, blocks.dictionaries, 0, places.slice(0, dictionaries.length));
  moveBlocks(table, blocks.batches, first, places.slice(dictionaries.length));
  viewOf(file).setInt32(at + footer.bytes.length, footer.bytes.length, true);
  for (const place of [0, file.length - magic.length]) file.set(new TextEncoder().encode(magic), place);
  return file;
}

/** What lies side by side is read at once. */
async function copyMessages(
  source: ByteSource,
  messages: readonly ArrowBlock[],
  places: readonly number[],
  file: Uint8Array,
): Promise<void> {
  for (let at = 0; at < messages.length; ) {
    let next = at + 1;
    while (next < messages.length && messages[next]!.start === messages[next - 1]!.end) next++;
    const { start } = messages[at]!;
    const bytes = await source.read(start, messages[next - 1]!.end);
    for (; at < next; at++) {
      const message = messages[at]!;
      file.set(bytes.subarray(message.start - start, message.end - start), places[at]);
    }
  }
}

/** The footer's blocks from `first` on come to its front, and lie at those places. */
function moveBlocks(table: FlatTable, slot: number, first: number, places: readonly number[]): void {
  const entries = table.entries(slot, blockBytes);
  if (entries.length === 0) return;
  const { view } = table;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (const [i, place] of places.entries()) {
    const from = entries[first + i]!;
    bytes.copyWithin(entries[i]!, from, from + blockBytes);
    view.setBigInt64(entries[i]!, BigInt(place), true);
  }
  view.setUint32(entries[0]! - 4, places.length, true);
}
