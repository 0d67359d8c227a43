import { FanfareError } from '../errors.ts';

/** The exports of a module of the user's. Its default export is what counts. */
export type UserModule = Readonly<Record<string, unknown>>;

/** The export by which a bundle carries the name of the file that it was made from. */
export const fileExport = 'fanfareFile';

/** What source maps of bundles put before the user's own paths, so that a stack tells them from ours. */
export const sourceRoot = 'user:///';

/** `my-trainable.ts`, or the reference where a module does not say. */
export const fileOf = (module: UserModule, reference: string): string =>
  String(module[fileExport] ?? reference);

/** `features.ts:12:9`, the innermost line of the user's own in the error's stack; undefined where there is none. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const places = stack.matchAll(/user:\/\/\/([^\n)]+:\d+:\d+)/g);
  const all = [...places].map(([, place]) => place!);
  return all.find((place) => !place.includes('node_modules/')) ?? all[0];
}

/** `features.ts:12:9: RangeError: too large`: where the user's code failed and how, for one who reads it. */
export function failureText(error: unknown, file: string): string {
  return `${placeOf(error) ?? file}: ${whatOf(error)}`;
}

/** Errors of our own say it all in their message. */
function whatOf(error: unknown): string {
  if (error instanceof FanfareError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${String(error)}`;
}

/** What kind of thing a value is, for messages about what should have been another. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return `a ${typeof value} (${String(value)})`;
  const { name } = value.constructor ?? {};
  return Array.isArray(value) || name === 'Object' || !name ? 'an object' : `a ${name}`;
}
