const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** From here on, a column is told from its own rows: the next batch starts a dictionary of its own. */
const maxWords = 65_536;
const maxBytes = 16 * 2 ** 20;

/** A dictionary in the making: numbers the distinct words of a column in the order of their first appearance. */
export class Words {
  #words: string[] = [];
  #list: readonly string[] = [];
  /** Open addressing: a word's code, or -1. Its length is a power of two, at least twice the count of words. */
  #slots = new Int32Array(1024).fill(-1);
  #hashes = new Int32Array(512);
  /** Word i is the bytes `starts[i]` to `starts[i + 1]`. */
  #starts = new Int32Array(513);
  #bytes = new Uint8Array(8192);
  readonly #invalid: 'refuse' | 'replace';

  /** What to do with bytes that are not UTF-8: refuse the word, or have U+FFFD in their place. */
  constructor(invalid: 'refuse' | 'replace' = 'replace') {
    this.#invalid = invalid;
  }

  /** The code of the word that stands in bytes[from, to) as UTF-8, or -1 where it is refused. */
  code(bytes: Uint8Array, from: number, to: number): number {
    let hash = 0x811c9dc5;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const code = this.#slots[slot]!;
      if (code < 0) return this.#add(bytes, from, to, hash, slot);
      if (this.#hashes[code] === hash && this.#equals(code, bytes, from, to)) return code;
      slot = (slot + 1) & mask;
    }
  }

  /** The words so far, by code. The same array until there are more; none that was given out ever changes. */
  list(): readonly string[] {
    if (this.#list.length !== this.#words.length) this.#list = this.#words.slice();
    return this.#list;
  }

  /** Whether it is time to start another, so that memory stays flat on a column of ids. */
  get full(): boolean {
    return this.#words.length >= maxWords || this.#starts[this.#words.length]! >= maxBytes;
  }

  #equals(code: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[code]!;
    if (this.#starts[code + 1]! - start !== to - from) return false;
    const own = this.#bytes;
    for (let at = from, mine = start; at < to; at++, mine++) if (own[mine] !== bytes[at]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number, free: number): number {
    const word = bytes.subarray(from, to);
    // A word is looked at when it first appears: those that are known are UTF-8.
    const text = this.#invalid === 'refuse' ? strictText(word) : lenient.decode(word);
    if (text === undefined) return -1;
    const code = this.#words.length;
    let slot = free;
    if (code === this.#hashes.length) {
      this.#grow();
      slot = freeSlot(this.#slots, hash);
    }
    const start = this.#starts[code]!;
    const end = start + to - from;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#bytes.set(word, start);
    this.#starts[code + 1] = end;
    this.#hashes[code] = hash;
    this.#slots[slot] = code;
    this.#words.push(text);
    return code;
  }

  #grow(): void {
    const hashes = new Int32Array(2 * this.#hashes.length);
    hashes.set(this.#hashes);
    const starts = new Int32Array(hashes.length + 1);
    starts.set(this.#starts);
    const slots = new Int32Array(2 * hashes.length).fill(-1);
    for (let code = 0; code < this.#words.length; code++) slots[freeSlot(slots, hashes[code]!)] = code;
    this.#hashes = hashes;
    this.#starts = starts;
    this.#slots = slots;
  }
}

function strictText(word: Uint8Array): string | undefined {
  try {
    return strict.decode(word);
  } catch {
    return undefined;
  }
}

function freeSlot(slots: Int32Array, hash: number): number {
  const mask = slots.length - 1;
  let slot = hash & mask;
  while (slots[slot]! >= 0) slot = (slot + 1) & mask;
  return slot;
}
