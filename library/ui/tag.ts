import { createHash } from 'node:crypto';

/** An ETag for what is made of these. */
export const tagOf = (...of: readonly unknown[]): string =>
  `"${createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 20)}"`;
