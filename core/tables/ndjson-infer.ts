import { type Evidence, noEvidence, observe } from './evidence.ts';
import {
  boolean,
  jsonToken,
  nested,
  nothing,
  number,
  scanString,
  scanValue,
  skipBlanks,
  text,
} from './ndjson-row.ts';
import { textOf } from './text-values.ts';

/** Objects within objects come apart into columns down to here; what lies deeper is JSON text. */
const mostDepth = 8;
const openBrace = 123;

/** What the objects of a sample hold, by path (`user.address.city`). */
export class Observations {
  /** Of the values that are no objects, or whose members are not looked at. */
  readonly #values = new Map<string, Evidence>();
  /** Where objects with members were. */
  readonly #objects = new Set<string>();

  /** Takes the object at bytes[from, to) in. A line that is none is passed over from where it is not. */
  observe(bytes: Uint8Array, from: number, to: number, prefix = '', depth = 1): void {
    const token = jsonToken();
    let at = bytes.indexOf(openBrace, from) + 1;
    if (at === 0 || at > to) return;
    for (;;) {
      at = skipBlanks(bytes, at, to);
      if (at >= to || bytes[at] !== 34) return;
      scanString(bytes, at, to, token);
      if (token.next < 0) return;
      const name = prefix + textOf(bytes, token.from, token.to);
      at = skipBlanks(bytes, token.next, to);
      scanValue(bytes, skipBlanks(bytes, at + 1, to), to, token);
      if (token.next < 0) return;
      const evidence = this.#values.get(name) ?? noEvidence();
      this.#values.set(name, evidence);
      const isObject = token.kind === nested && hasMembers(bytes, token.from, token.to);
      if (isObject && depth < mostDepth) {
        this.#objects.add(name);
        this.observe(bytes, token.from, token.to, `${name}.`, depth + 1);
      } else if (token.kind !== nothing) observeJson(evidence, bytes, token.kind, token.from, token.to);
      at = skipBlanks(bytes, token.next, to) + 1;
    }
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /**
   * The columns, in the order of their first appearance. A key whose values are objects comes apart into paths, unless
   * some of them are none or `isWhole` wants it as one: then it is a column of JSON text.
   */
  columns(isWhole: (name: string) => boolean): ReadonlyMap<string, Evidence> {
    const whole = new Set([...this.#objects].filter((name) => isWhole(name) || this.#values.get(name)!.seen));
    const columns = new Map<string, Evidence>();
    for (const [name, evidence] of this.#values) {
      if (pathsTo(name).some((path) => whole.has(path))) continue;
      if (whole.has(name)) columns.set(name, asText(evidence));
      else if (!this.#objects.has(name)) columns.set(name, evidence);
    }
    return columns;
  }
}

/** `a` and `a.b` of `a.b.c`. */
export function pathsTo(name: string): readonly string[] {
  const keys = name.split('.');
  return keys.slice(1).map((_, at) => keys.slice(0, at + 1).join('.'));
}

const hasMembers = (bytes: Uint8Array, from: number, to: number): boolean =>
  bytes[from] === openBrace && skipBlanks(bytes, from + 1, to) < to - 1;

function observeJson(evidence: Evidence, bytes: Uint8Array, kind: number, from: number, to: number): void {
  observe(evidence, bytes, from, to, kind !== number);
  evidence.boolean &&= kind === boolean;
  evidence.integer &&= kind === number;
  evidence.timestamp &&= kind === text;
}

const asText = (evidence: Evidence): Evidence => ({
  ...evidence,
  ...{ seen: true, boolean: false, integer: false, float: false, timestamp: false },
  others: evidence.others + 1,
  odd: evidence.others > 0 ? evidence.odd : 'an object',
});
