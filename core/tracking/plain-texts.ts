import { limits } from './batches.ts';
import type { Texts } from './tracker.ts';

/** A name that MLflow takes: letters, digits, `_ - . :` and spaces, no dot first, 1 to 250 of them. */
export const plainKey = (name: string): string =>
  firstOf(name.replaceAll(/[^\p{L}\p{N}_\-. :]/gu, '_').replace(/^\.+/, '_'), limits.key) || '_';

/**
 * Names as MLflow takes them, no two alike: whoever comes first keeps its own, a later one is numbered. A database may not
 * tell upper case from lower, so here they are alike too.
 */
export function plainKeys(): (name: string) => string {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return (name) => {
    const known = given.get(name);
    if (known !== undefined) return known;
    const plain = plainKey(name);
    let key = plain;
    for (let count = 2; taken.has(key.toLowerCase()); count++) {
      const end = `_${count}`;
      key = `${firstOf(plain, limits.key - end.length)}${end}`;
    }
    taken.add(key.toLowerCase());
    given.set(name, key);
    return key;
  };
}

/** Longer texts would be cut by MLflow without a word, or refused; a database may take no lone surrogate and no NUL. */
export function shorten(text: string, length: number): string {
  const plain = text.replaceAll(/[\p{Cs}\0]/gu, '\ufffd');
  return plain.length <= length ? plain : `${firstOf(plain, length - 1)}…`;
}

/** Params or tags as MLflow takes them, and what was changed for that. */
export function plainTexts(
  texts: Texts,
  length: number,
): { texts: Texts; renamed: Texts; cut: readonly string[] } {
  const keyOf = plainKeys();
  const entries = Object.entries(texts).map(([name, text]) => ({ name, key: keyOf(name), text }));
  return {
    texts: Object.fromEntries(entries.map(({ key, text }) => [key, shorten(text, length)])),
    renamed: Object.fromEntries(entries.flatMap(({ name, key }) => (name === key ? [] : [[key, name]]))),
    cut: entries.flatMap(({ key, text }) =>
      text.length > length ? [`${key} (${text.length} characters)`] : [],
    ),
  };
}

/** At most so many UTF-16 units, and no half of a pair. */
function firstOf(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? units - 1 : units);
}
