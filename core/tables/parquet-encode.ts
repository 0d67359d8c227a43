import { joinBytes } from '../bytes.ts';
import type { Column, Floats, Validity } from './batch.ts';
import { integersOf } from './integers.ts';
import { concatValidity, lengthOf } from './join.ts';
import { type Distinct, distinctNumbers, distinctWords } from './parquet-distinct.ts';
import { bitWidth, hybridCodes, hybridLevels, packBits } from './parquet-hybrid-write.ts';

/** A page's bytes behind its header, and how many values it stands for, missing ones among them. */
export interface EncodedPage {
  readonly parts: readonly Uint8Array[];
  readonly values: number;
}

export interface EncodedChunk {
  readonly rows: number;
  readonly encoding: 'PLAIN' | 'RLE_DICTIONARY';
  readonly dictionary: EncodedPage | undefined;
  readonly pages: readonly EncodedPage[];
}

/** A reader holds one page of a column decoded. */
const pageRows = 2 ** 16;

/** A column in Parquet's encodings (apache/parquet-format, Encodings.md). There are several parts of numbers only, of one kind. */
export function encodeColumn(parts: readonly Column[]): EncodedChunk {
  const all = parts.reduce((sum, part) => sum + lengthOf(part), 0);
  const valid = concatValidity(parts, all);
  const values = valuesOf(parts);
  const distinct = values.distinct();
  const pages: EncodedPage[] = [];
  for (let row = 0, value = 0; row < all; row += pageRows) {
    const rows = Math.min(pageRows, all - row);
    const present = valid?.subarray(row, row + rows) ?? null;
    const next = value + (present === null ? rows : countOf(present));
    const body = distinct ? codesOf(distinct, value, next) : values.plain(value, next);
    pages.push({ parts: [...hybridLevels(present, rows), ...body], values: rows });
    value = next;
  }
  return {
    rows: all,
    encoding: distinct ? 'RLE_DICTIONARY' : 'PLAIN',
    dictionary: distinct && { parts: [distinct.plain], values: distinct.count },
    pages,
  };
}

function codesOf({ codes, count }: Distinct, from: number, to: number): readonly Uint8Array[] {
  const width = bitWidth(count - 1);
  return [Uint8Array.of(width), ...hybridCodes(codes.subarray(from, to), width)];
}

/** The values that are there, one after the other. */
interface Values {
  /** Undefined where they do not recur often enough. */
  distinct(): Distinct | undefined;
  plain(from: number, to: number): readonly Uint8Array[];
}

function valuesOf(parts: readonly Column[]): Values {
  const column = parts[0]!;
  switch (column.type) {
    case 'string': {
      const codes = present(column.codes, column.valid);
      const { words, distinct } = distinctWords(codes, column.dictionary);
      return {
        distinct: () => (distinct.count <= 1024 + codes.length / 2 ? distinct : undefined),
        plain: (from, to) => [joinBytes([...codes.subarray(from, to)].map((code) => words[code]!))],
      };
    }
    case 'boolean': {
      const bits = present(column.values, column.valid);
      return { distinct: () => undefined, plain: (from, to) => [packBits(bits.subarray(from, to), 1)] };
    }
    default:
      return numbers(parts.map((part) => numbersThere(part as NumberColumn)));
  }
}

type NumberColumn = Exclude<Column, { type: 'string' | 'boolean' }>;
type Numbers = Int32Array | BigInt64Array | Floats;

function numbersThere({ type, values, valid }: NumberColumn): Numbers {
  if (values instanceof BigInt64Array) return presentWide(values, valid);
  const there = present(values, valid);
  return type === 'timestamp' ? integersOf(there) : there;
}

function numbers(parts: readonly Numbers[]): Values {
  return {
    distinct: () => distinctNumbers(parts, parts[0]!.BYTES_PER_ELEMENT === 8),
    plain: (from, to) => {
      let first = 0;
      return parts.map((part) => {
        const { buffer, byteOffset, byteLength } = part.subarray(
          Math.max(0, from - first),
          Math.max(0, to - first),
        );
        first += part.length;
        return new Uint8Array(buffer, byteOffset, byteLength);
      });
    },
  };
}

function present<T extends Int32Array | Floats | Uint8Array>(values: T, valid: Validity): T {
  if (valid === null) return values;
  const moved = values.slice() as T;
  let count = 0;
  // Each is written, and written over where it is missing: without a branch, which would often be guessed wrong.
  for (let row = 0; row < moved.length; row++) {
    moved[count] = values[row]!;
    count += valid[row]!;
  }
  return moved.subarray(0, count) as T;
}

/** 64-bit integers as doubles are moved, since a BigInt a value is slow. */
function presentWide(values: BigInt64Array, valid: Validity): BigInt64Array {
  if (valid === null) return values;
  const moved = new Int32Array(2 * values.length);
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    if (valid[row] === 0) continue;
    moved[2 * count] = halves[2 * row]!;
    moved[2 * count + 1] = halves[2 * row + 1]!;
    count++;
  }
  return new BigInt64Array(moved.buffer, 0, count);
}

function countOf(valid: Uint8Array): number {
  let count = 0;
  for (let row = 0; row < valid.length; row++) count += valid[row]!;
  return count;
}
