import type { Report } from '../contracts/study.ts';
import { decodeJson, encodeJson } from '../store.ts';

/** What an invocation that ran out of time leaves to the next: 4 bytes of length, the reports so far as JSON, the checkpoint. */
export function encodePartial(reports: readonly Report[], checkpoint: Uint8Array): Uint8Array {
  const head = encodeJson(reports);
  const bytes = new Uint8Array(4 + head.length + checkpoint.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  bytes.set(checkpoint, 4 + head.length);
  return bytes;
}

export function decodePartial(bytes: Uint8Array): { reports: readonly Report[]; checkpoint: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const reports = decodeJson(bytes.subarray(4, 4 + length)) as readonly Report[];
  return { reports, checkpoint: bytes.slice(4 + length) };
}
