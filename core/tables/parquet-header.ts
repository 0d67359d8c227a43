import type { Encoding } from 'hyparquet';
import { Encodings } from 'hyparquet/src/constants.js';
import { fieldsOf } from './parquet-thrift.ts';

/** Of a corrupt header any number may be missing, or negative. */
type Count = number | undefined;

/** What stands before a page (PageHeader in parquet.thrift), without statistics. */
export interface PageHeader {
  /** How long it is as it stands in the file, and decompressed. */
  readonly size: Count;
  readonly length: Count;
  readonly page: PageKind;
}

export type PageKind =
  | { readonly kind: 'dictionary'; readonly count: Count }
  | {
      readonly kind: 'v1';
      readonly rows: Count;
      readonly encoding: Encoding | undefined;
      readonly levelEncoding: Encoding | undefined;
    }
  | {
      readonly kind: 'v2';
      readonly rows: Count;
      readonly nulls: Count;
      readonly encoding: Encoding | undefined;
      readonly levelBytes: Count;
      readonly repetitionBytes: Count;
      readonly isCompressed: boolean;
    }
  | { readonly kind: 'other' };

/** The header at `at`, which `structEnd` has walked. */
export function pageHeader(bytes: Uint8Array, at: number): PageHeader {
  const { numbers, structs } = fieldsOf(bytes, at);
  return { size: numbers[3], length: numbers[2], page: kindOf(bytes, structs) };
}

function kindOf(bytes: Uint8Array, [, , , , , v1, , dictionary, v2]: readonly Count[]): PageKind {
  if (dictionary !== undefined) return { kind: 'dictionary', count: fieldsOf(bytes, dictionary).numbers[1] };
  if (v1 !== undefined) {
    const { numbers } = fieldsOf(bytes, v1);
    const [encoding, levelEncoding] = [encodingOf(numbers[2]), encodingOf(numbers[3])];
    return { kind: 'v1', rows: numbers[1], encoding, levelEncoding };
  }
  if (v2 === undefined) return { kind: 'other' };
  const { numbers } = fieldsOf(bytes, v2);
  return {
    ...{ kind: 'v2', rows: numbers[1], nulls: numbers[2], encoding: encodingOf(numbers[4]) },
    ...{ levelBytes: numbers[5], repetitionBytes: numbers[6], isCompressed: numbers[7] !== 0 },
  };
}

const encodingOf = (code: Count): Encoding | undefined => Encodings[code ?? -1];
