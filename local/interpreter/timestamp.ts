const pattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds of an RFC 3339 time as the language wants it (capital T and Z); undefined where it is none. */
export function timestampOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !pattern.test(text)) return undefined;
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? undefined : millis;
}
