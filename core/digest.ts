import type { Digest, Identity } from './contracts/names.ts';

export async function sha256(bytes: Uint8Array): Promise<Digest> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The digest of a JSON value, whatever the order in which its keys were written. */
export const digestOf = (value: unknown): Promise<Digest> =>
  sha256(new TextEncoder().encode(JSON.stringify(value, sorted)));

/** Names work by what it is made from, so that the same work is found again and other work is not. */
export async function identityOf(name: string, from: unknown): Promise<Identity> {
  return `${name}-${(await digestOf(from)).slice(0, 12)}`;
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
