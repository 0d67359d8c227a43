import type { ShardBatch } from './shard.ts';

/** The number of a row, by its place in the batch. */
export type RowNumbers = (row: number) => number;

/** The numbers of a stretch's rows, of which the first is `first`: good and bad rows count alike, in the order of the file. */
export function rowNumbers(
  { batch, rowIds, rejected }: Omit<ShardBatch, 'batch'> & { readonly batch: { readonly rows: number } },
  first: number,
): { readonly rows: RowNumbers; readonly rejected: readonly number[] } {
  if (rejected.length === 0) return { rows: (row) => first + row, rejected: [] };
  const rows = new Float64Array(batch.rows);
  const bad: number[] = [];
  for (let row = 0; row < rows.length; row++) {
    while (bad.length < rejected.length && rejected[bad.length]!.row < rowIds[row]!)
      bad.push(first + row + bad.length);
    rows[row] = first + row + bad.length;
  }
  while (bad.length < rejected.length) bad.push(first + rows.length + bad.length);
  return { rows: (row) => rows[row]!, rejected: bad };
}
