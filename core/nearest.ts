import { closest } from 'fastest-levenshtein';

/** `column "delai"; did you mean delay? (there are: date, delay)` — for messages about a name that is not known. */
export function unknownName(what: string, given: string, known: readonly string[]): string {
  const nearest = known.length > 0 ? `; did you mean ${closest(given, known)}?` : '';
  return `${what} ${JSON.stringify(given)}${nearest} (there are: ${known.join(', ') || 'none'})`;
}
