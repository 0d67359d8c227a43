import type { Room } from '../store.ts';

/** Kept for the next reader; older ones go first. */
const mostBytes = 96 * 2 ** 20;
const step = 65_536;

const spares: ArrayBuffer[] = [];

/**
 * An array of so many bytes, which hold anything. A megabyte that is new is a megabyte of pages that the system clears, and
 * V8 collects its garbage the sooner: what a reader fills again and again comes from here, and goes back when it is done.
 */
export function takeBytes(length: number): Uint8Array {
  const at = spares.findIndex(({ byteLength }) => byteLength >= length && byteLength <= 2 * length + step);
  const [spare] = at < 0 ? [] : spares.splice(at, 1);
  return new Uint8Array(spare ?? new ArrayBuffer(Math.ceil(length / step) * step), 0, length);
}

/** Room for what is read, and its end: nobody looks at it any more, and nothing is written to it. */
export function lendRoom(): { readonly room: Room; end(): void } {
  const lent: Uint8Array[] = [];
  const room = (length: number): Uint8Array => {
    const bytes = takeBytes(length);
    lent.push(bytes);
    return bytes;
  };
  return { room, end: () => lent.splice(0).forEach(giveBytes) };
}

/** Nobody looks at it any more. */
export function giveBytes({ buffer }: Uint8Array): void {
  spares.push(buffer as ArrayBuffer);
  let held = spares.reduce((sum, { byteLength }) => sum + byteLength, 0);
  while (held > mostBytes) held -= spares.shift()!.byteLength;
}
