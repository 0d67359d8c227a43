import type { Report } from '../contracts/study.ts';
import { decodeJson, encodeJson } from '../store.ts';

/** What a rung that outlasted an invocation had come to. */
export interface Progress {
  readonly reports: readonly Report[];
  /** That it took so far. */
  readonly seconds: number;
}

/** What an invocation that ran out of time leaves to the next: 4 bytes of length, the progress as JSON, the checkpoint. */
export function encodePartial(progress: Progress, checkpoint: Uint8Array): Uint8Array {
  const head = encodeJson(progress);
  const bytes = new Uint8Array(4 + head.length + checkpoint.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  bytes.set(checkpoint, 4 + head.length);
  return bytes;
}

export function decodePartial(bytes: Uint8Array): Progress & { readonly checkpoint: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const progress = decodeJson(bytes.subarray(4, 4 + length)) as Progress;
  return { ...progress, checkpoint: bytes.slice(4 + length) };
}
