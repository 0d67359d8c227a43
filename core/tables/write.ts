import { joinBytes } from '../bytes.ts';
import { encodeArrow } from './arrow-encode.ts';
import type { Batch } from './batch.ts';
import { encodeCsv } from './csv-write.ts';
import type { TableFormat } from './format.ts';
import { encodeNdjson } from './ndjson-write.ts';
import { encodeParquet } from './parquet-write.ts';

/** A file of the batches, which have the same columns; there is one at least. Equal batches give equal bytes. */
export function encodeTable(format: TableFormat, batches: readonly Batch[]): Uint8Array {
  switch (format) {
    case 'parquet':
      return encodeParquet(batches);
    case 'csv':
      return joinBytes([...encodeCsv(batches)]);
    case 'ndjson':
      return joinBytes([...encodeNdjson(batches)]);
    case 'arrow':
      return encodeArrow(batches);
  }
}
