import { closest, distance } from 'fastest-levenshtein';
import type { Json } from '../../core/json.ts';
import { Refusal } from './errors.ts';
import { isArray, isObject, type Path } from './json-path.ts';

export type Refuse = (at: string, why: string) => void;

/** Fields of the language that flows here do without, and why. */
const unsupported: Readonly<Record<string, string>> = {
  Assign: 'variables differ between engines; use ResultPath',
  Arguments: 'flows are JSONPath; use Parameters',
  Output: 'flows are JSONPath; use OutputPath',
  Items: 'flows are JSONPath; use ItemsPath or ItemReader',
  Condition: 'flows are JSONPath; use Variable and a comparison',
  HeartbeatSeconds: 'no function here sends heartbeats; use TimeoutSeconds',
  HeartbeatSecondsPath: 'no function here sends heartbeats; use TimeoutSecondsPath',
  Credentials: 'there are no roles here',
  ItemBatcher: 'emulators ignore it; write a manifest that is already batched',
  Iterator: 'it is the old name of ItemProcessor',
};

/** An object of a flow while it is read. Every problem goes to `refuse` with its path; reading goes on with a stand-in. */
export class Fields {
  readonly at: string;
  readonly refuse: Refuse;
  private readonly members: { readonly [key: string]: Json };

  constructor(value: Json | undefined, at: string, refuse: Refuse, known: readonly string[]) {
    this.at = at;
    this.refuse = refuse;
    this.members = isObject(value) ? value : {};
    if (!isObject(value)) refuse(at, value === undefined ? 'is missing' : 'must be an object');
    for (const name of Object.keys(this.members)) {
      if (!known.includes(name)) refuse(this.path(name), unknownField(name, known));
    }
  }

  path(name: string): string {
    return this.at === '' ? name : `${this.at}.${name}`;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.members, name);
  }

  get(name: string): Json | undefined {
    return this.has(name) ? this.members[name] : undefined;
  }

  string(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === 'string') return value;
    this.refuse(this.path(name), `must be a string, given ${JSON.stringify(value)}`);
    return undefined;
  }

  requiredString(name: string): string {
    if (!this.has(name)) this.refuse(this.path(name), 'is missing');
    return this.string(name) ?? '';
  }

  /** One of the words; the first where the field is missing or wrong. */
  word<Word extends string>(name: string, allowed: readonly [Word, ...Word[]]): Word {
    const given = this.get(name);
    const found = given === undefined ? allowed[0] : allowed.find((word) => word === given);
    if (found === undefined) {
      this.refuse(this.path(name), `must be ${allowed.join(' or ')}, given ${JSON.stringify(given)}`);
    }
    return found ?? allowed[0];
  }

  number(name: string, least: number, most: number, whole: boolean): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    const fits = typeof value === 'number' && value >= least && value <= most;
    if (fits && (!whole || Number.isInteger(value))) return value;
    const range = `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`;
    this.refuse(this.path(name), `must be ${range}, given ${JSON.stringify(value)}`);
    return undefined;
  }

  array(name: string): readonly Json[] {
    const value = this.get(name);
    if (value === undefined || isArray(value)) return value ?? [];
    this.refuse(this.path(name), 'must be an array');
    return [];
  }

  /** A path; null where null is given and means something; undefined where the field is missing or wrong. */
  pathAt(name: string, parse: (text: string) => Path, orNull = false): Path | null | undefined {
    if (orNull && this.get(name) === null) return null;
    const text = this.string(name);
    return text === undefined ? undefined : this.attempt(name, () => parse(text));
  }

  /** What `read` gives; undefined where it refuses, and that is told. */
  attempt<T>(name: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.refuse(this.path(name), refusal.message);
      return undefined;
    }
  }

  /** Exactly one of these fields stands there (or, where it `mayMiss`, at most one). */
  oneOf(names: readonly string[], mayMiss = false): string | undefined {
    const given = names.filter((name) => this.has(name));
    if (given.length > 1) this.refuse(this.at, `${given.join(' and ')} exclude each other`);
    if (given.length === 0 && !mayMiss) this.refuse(this.at, `one of ${names.join(', ')} is needed`);
    return given[0];
  }
}

function unknownField(name: string, known: readonly string[]): string {
  const reason = Object.hasOwn(unsupported, name) ? unsupported[name] : undefined;
  if (reason) return `is not supported: ${reason}`;
  const nearest = closest(name, [...known]);
  const near = distance(name.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, name.length / 3);
  return near ? `unknown field; did you mean ${nearest}?` : `unknown field; known are ${known.join(', ')}`;
}
