import { joinBytes } from '../bytes.ts';
import { decodeJson, encodeJson } from '../store.ts';

/** Where a run of the user's trainable stands: what it said last, and the bytes that it gave. */
export interface SavedRun {
  readonly resource: number;
  readonly value: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** It will report no more. */
  readonly ended: boolean;
  readonly checkpoint: Uint8Array;
  readonly model?: Uint8Array;
}

interface Head {
  readonly resource: number;
  readonly value: number;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly ended: boolean;
  /** Bytes of the checkpoint; the model is what follows, where there is one. */
  readonly checkpoint: number;
  readonly model: boolean;
}

/** The length of the head as u32 (little endian), the head as JSON, the checkpoint, the model. */
export function encodeSaved({ checkpoint, model, ...stands }: SavedRun): Uint8Array {
  const head = encodeJson({
    ...stands,
    checkpoint: checkpoint.length,
    model: model !== undefined,
  } satisfies Head);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length, true);
  return joinBytes([length, head, checkpoint, ...(model ? [model] : [])]);
}

export function decodeSaved(bytes: Uint8Array): SavedRun {
  const start = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = decodeJson(bytes.subarray(4, start)) as Head;
  const end = start + head.checkpoint;
  const { resource, value, metrics = {}, ended } = head;
  const checkpoint = bytes.slice(start, end);
  return { resource, value, metrics, ended, checkpoint, ...(head.model && { model: bytes.slice(end) }) };
}
