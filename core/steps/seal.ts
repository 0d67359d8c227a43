import { joinBytes } from '../bytes.ts';
import { sha256 } from '../digest.ts';

/** Bytes of a SHA-256 in hex. */
const digestBytes = 64;

/** A checkpoint as it lies in the store, after its own digest: one that was cut off or altered is not gone on from. */
export async function seal(checkpoint: Uint8Array): Promise<Uint8Array> {
  return joinBytes([new TextEncoder().encode(await sha256(checkpoint)), checkpoint]);
}

/** The checkpoint, or undefined where it is not what was sealed. */
export async function unseal(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const checkpoint = bytes.slice(digestBytes);
  const digest = new TextDecoder().decode(bytes.subarray(0, digestBytes));
  return digest === (await sha256(checkpoint)) ? checkpoint : undefined;
}
