import { joinBytes } from '../bytes.ts';
import { encodeArrow } from './arrow-encode.ts';
import type { Batch } from './batch.ts';
import { encodeCsv } from './csv-write.ts';
import type { TableFormat } from './format.ts';
import { encodeNdjson } from './ndjson-write.ts';
import { parquetParts } from './parquet-write.ts';

/** A file of the batches, which have the same columns; there is one at least. Equal batches give equal bytes. */
export const encodeTable = (format: TableFormat, batches: readonly Batch[]): Uint8Array =>
  joinBytes(tableParts(format, batches));

/** The file in parts, some of which are the batches' own values. */
export function tableParts(format: TableFormat, batches: readonly Batch[]): readonly Uint8Array[] {
  switch (format) {
    case 'parquet':
      return parquetParts(batches);
    case 'csv':
      return [...encodeCsv(batches)];
    case 'ndjson':
      return [...encodeNdjson(batches)];
    case 'arrow':
      return [encodeArrow(batches)];
  }
}
