import type { TrainingTable } from './trainable.ts';

/**
 * One reading of the training side that may be done in parts, anywhere at once: what a trainable learns from a table larger
 * than any one function. The same request and rows give the same bytes.
 */
export interface Pass {
  /** What the training side of a table, which may be a part of the whole, comes to. Nothing of a batch is held beyond the next. */
  gather(request: Uint8Array, table: TrainingTable): Promise<Uint8Array>;
  /** What the rows of both come to. Parts are merged one after the other, in the dataset's order. */
  merge(request: Uint8Array, a: Uint8Array, b: Uint8Array): Uint8Array;
}

/** What the parts come to together. */
export async function gatherParts(
  pass: Pass,
  request: Uint8Array,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Uint8Array> {
  let merged: Uint8Array | undefined;
  for await (const part of parts) merged = merged === undefined ? part : pass.merge(request, merged, part);
  return merged ?? new Uint8Array(0);
}
