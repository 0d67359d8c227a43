import { joinBytes } from '../bytes.ts';
import type { Column, Floats, Validity } from './batch.ts';
import { integersOf } from './integers.ts';
import { type Distinct, distinctNumbers, distinctWords } from './parquet-distinct.ts';
import { bitWidth, hybridCodes, hybridLevels, packBits } from './parquet-hybrid-write.ts';

/** A page's bytes behind its header, and how many values it stands for, missing ones among them. */
export interface EncodedPage {
  readonly parts: readonly Uint8Array[];
  readonly values: number;
}

export interface EncodedChunk {
  readonly encoding: 'PLAIN' | 'RLE_DICTIONARY';
  readonly dictionary: EncodedPage | undefined;
  readonly pages: readonly EncodedPage[];
}

/** A reader holds one page of a column decoded. */
const pageRows = 2 ** 16;

/** Rows `start` to `end` of a column in Parquet's encodings (apache/parquet-format, Encodings.md). */
export function encodeColumn(column: Column, start: number, end: number): EncodedChunk {
  const valid = column.valid?.subarray(start, end) ?? null;
  const values = valuesOf(column, start, end, valid);
  const distinct = values.distinct();
  const pages: EncodedPage[] = [];
  for (let row = 0, value = 0; row < end - start; row += pageRows) {
    const rows = Math.min(pageRows, end - start - row);
    const present = valid?.subarray(row, row + rows) ?? null;
    const next = value + (present === null ? rows : countOf(present));
    const body = distinct ? codesOf(distinct, value, next) : [values.plain(value, next)];
    pages.push({ parts: [...hybridLevels(present, rows), ...body], values: rows });
    value = next;
  }
  return {
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
  plain(from: number, to: number): Uint8Array;
}

function valuesOf(column: Column, start: number, end: number, valid: Validity): Values {
  switch (column.type) {
    case 'string': {
      const codes = present(column.codes.subarray(start, end), valid);
      const { words, distinct } = distinctWords(codes, column.dictionary);
      return {
        distinct: () => (distinct.count <= 1024 + codes.length / 2 ? distinct : undefined),
        plain: (from, to) => joinBytes([...codes.subarray(from, to)].map((code) => words[code]!)),
      };
    }
    case 'boolean': {
      const bits = present(column.values.subarray(start, end), valid);
      return { distinct: () => undefined, plain: (from, to) => packBits(bits.subarray(from, to), 1) };
    }
    case 'timestamp':
      return numbers(integersOf(present(column.values.subarray(start, end), valid)));
    case 'float':
      return numbers(
        column.values instanceof Float32Array
          ? present(column.values.subarray(start, end), valid)
          : present(column.values.subarray(start, end), valid),
      );
    case 'integer':
      return column.values instanceof Int32Array
        ? numbers(present(column.values.subarray(start, end), valid))
        : numbers(presentWide(column.values.subarray(start, end), valid));
  }
}

function numbers(values: Int32Array | BigInt64Array | Floats): Values {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: size } = values;
  return {
    distinct: () => distinctNumbers(new Int32Array(buffer, byteOffset, byteLength / 4), values.length),
    plain: (from, to) => new Uint8Array(buffer, byteOffset + from * size, (to - from) * size),
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
