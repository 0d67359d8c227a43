/**
 * A FlatBuffers table (https://flatbuffers.dev/internals) within bytes, little-endian; slots are numbered 4, 6, 8 … as in
 * its vtable. `RangeError` where it reaches out of the bytes.
 */
export class FlatTable {
  readonly view: DataView;
  readonly #start: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  /** The table that the offset at `at` leads to. */
  constructor(view: DataView, at: number) {
    this.view = view;
    this.#start = at + view.getUint32(at, true);
    this.#vtable = this.#start - view.getInt32(this.#start, true);
    this.#vtableBytes = view.getUint16(this.#vtable, true);
  }

  /** Where a field lies, or undefined where the table has none. */
  at(slot: number): number | undefined {
    if (slot >= this.#vtableBytes) return undefined;
    const offset = this.view.getUint16(this.#vtable + slot, true);
    return offset === 0 ? undefined : this.#start + offset;
  }

  uint8(slot: number): number {
    const at = this.at(slot);
    return at === undefined ? 0 : this.view.getUint8(at);
  }

  int64(slot: number): number {
    const at = this.at(slot);
    return at === undefined ? 0 : int64(this.view, at);
  }

  table(slot: number): FlatTable | undefined {
    const at = this.at(slot);
    return at === undefined ? undefined : new FlatTable(this.view, at);
  }

  /** The places of a vector's entries, all of which lie within the bytes. */
  entries(slot: number, stride: number): readonly number[] {
    const at = this.at(slot);
    if (at === undefined) return [];
    const vector = at + this.view.getUint32(at, true);
    const length = this.view.getUint32(vector, true);
    if (vector + 4 + length * stride > this.view.byteLength)
      throw new RangeError(`${length} entries are promised where there is no room for them`);
    return Array.from({ length }, (_, i) => vector + 4 + i * stride);
  }
}

/** Where it is beyond 2^53 it is none that can be meant. */
export function int64(view: DataView, at: number): number {
  const value = Number(view.getBigInt64(at, true));
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`${value} is no length or place`);
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
