import { createHash } from 'node:crypto';
import type { Json } from '../../core/json.ts';
import { TaskError } from './errors.ts';
import { isArray, isObject } from './json-path.ts';

export interface Intrinsic {
  /** The fewest and the most arguments. */
  readonly arity: readonly [number, number];
  /** It always gives a string (or may, for ArrayGetItem): allowed in a Fail state's ErrorPath and CausePath. */
  readonly text?: true;
  readonly apply: (args: readonly Json[], random: () => number) => Json;
}

/** Amazon States Language, Appendix B, with the limits that the Step Functions documentation adds. */
export const intrinsics: Readonly<Record<string, Intrinsic>> = {
  'States.Format': {
    arity: [1, Infinity],
    text: true,
    apply: ([template, ...values]) => format(template, values),
  },
  'States.StringToJson': { arity: [1, 1], apply: ([text]) => parse(string(text)) },
  'States.JsonToString': { arity: [1, 1], text: true, apply: ([value]) => JSON.stringify(value) },
  'States.Array': { arity: [0, Infinity], apply: (args) => args },
  'States.ArrayPartition': {
    arity: [2, 2],
    apply: ([items, size]) => partition(array(items), integer(size)),
  },
  'States.ArrayContains': {
    arity: [2, 2],
    apply: ([items, value]) => array(items).some((item) => same(item, value)),
  },
  'States.ArrayRange': { arity: [3, 3], apply: (args) => range(args.map(rounded)) },
  'States.ArrayGetItem': {
    arity: [2, 2],
    text: true,
    apply: ([items, at]) => itemAt(array(items), integer(at)),
  },
  'States.ArrayLength': { arity: [1, 1], apply: ([items]) => array(items).length },
  'States.ArrayUnique': { arity: [1, 1], apply: ([items]) => unique(array(items)) },
  'States.Base64Encode': {
    arity: [1, 1],
    text: true,
    apply: ([text]) => Buffer.from(short(string(text)), 'utf8').toString('base64'),
  },
  'States.Base64Decode': { arity: [1, 1], text: true, apply: ([text]) => decoded(short(string(text))) },
  'States.Hash': { arity: [2, 2], text: true, apply: ([value, algorithm]) => hash(value, string(algorithm)) },
  'States.JsonMerge': { arity: [3, 3], apply: ([left, right, deep]) => merge(left, right, deep) },
  'States.MathRandom': { arity: [2, 3], apply: (args, random) => mathRandom(args, random) },
  'States.MathAdd': { arity: [2, 2], apply: ([left, right]) => rounded(left) + rounded(right) },
  'States.StringSplit': { arity: [2, 2], apply: ([text, marks]) => split(string(text), string(marks)) },
  'States.UUID': { arity: [0, 0], text: true, apply: (_, random) => uuid(random) },
};

const failure = (message: string): TaskError => new TaskError('States.IntrinsicFailure', message);

const shown = (value: Json | undefined): string => String(JSON.stringify(value)).slice(0, 200);

function string(value: Json | undefined): string {
  if (typeof value !== 'string') throw failure(`a string is needed, given ${shown(value)}`);
  return value;
}

function array(value: Json | undefined): readonly Json[] {
  if (!isArray(value)) throw failure(`an array is needed, given ${shown(value)}`);
  return value;
}

function integer(value: Json | undefined): number {
  if (!Number.isInteger(value)) throw failure(`a whole number is needed, given ${shown(value)}`);
  return value as number;
}

/** Numbers that are not whole are rounded to the nearest, halves up, as the documentation says of MathAdd. */
function rounded(value: Json | undefined): number {
  if (typeof value !== 'number') throw failure(`a number is needed, given ${shown(value)}`);
  return Math.round(value);
}

function short(text: string): string {
  if (text.length > 10_000) throw failure(`at most 10,000 characters are allowed, given ${text.length}`);
  return text;
}

function format(template: Json | undefined, values: readonly Json[]): string {
  const parts = string(template).split('{}');
  if (parts.length - 1 !== values.length) {
    throw failure(`States.Format has ${parts.length - 1} places {} for ${values.length} values`);
  }
  return parts.map((part, at) => (at === 0 ? part : textOf(values[at - 1]) + part)).join('');
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'object' && value !== null) {
    throw failure(`States.Format takes strings, numbers, booleans and null, given ${shown(value)}`);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw failure(`States.StringToJson cannot read ${shown(text)}`);
  }
}

function partition(items: readonly Json[], size: number): Json {
  if (size < 1) throw failure(`the size of a part must be at least 1, given ${size}`);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size),
  );
}

/** Both ends belong to it. */
function range([first = 0, last = 0, step = 0]: readonly number[]): Json {
  if (step === 0) throw failure('the step of States.ArrayRange must not be 0');
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > 1000) throw failure(`States.ArrayRange gives at most 1,000 items, asked for ${length}`);
  return Array.from({ length }, (_, at) => first + at * step);
}

function itemAt(items: readonly Json[], at: number): Json {
  const item = at < 0 ? undefined : items[at];
  if (item === undefined) throw failure(`no item ${at} in an array of ${items.length}`);
  return item;
}

function unique(items: readonly Json[]): Json {
  const seen = new Set<string>();
  return items.filter((item) => {
    const text = canonical(item);
    return seen.has(text) ? false : seen.add(text);
  });
}

const same = (left: Json | undefined, right: Json | undefined): boolean =>
  left !== undefined && right !== undefined && canonical(left) === canonical(right);

/** One text for all objects that differ only in the order of their keys. */
function canonical(value: Json): string {
  if (isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
  return `{${members.join()}}`;
}

function decoded(text: string): string {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text)) {
    throw failure(`States.Base64Decode cannot read ${shown(text)}`);
  }
  return Buffer.from(text, 'base64').toString('utf8');
}

const algorithms = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

function hash(value: Json | undefined, name: string): string {
  const algorithm = algorithms.get(name);
  if (!algorithm) throw failure(`States.Hash knows ${[...algorithms.keys()].join(', ')}, given '${name}'`);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return createHash(algorithm).update(short(text)).digest('hex');
}

/** Shallow only, as on AWS: the second object wins. */
function merge(left: Json | undefined, right: Json | undefined, deep: Json | undefined): Json {
  if (deep !== false)
    throw failure('States.JsonMerge supports the shallow mode only: its third argument is false');
  if (!isObject(left) || !isObject(right)) throw failure('States.JsonMerge takes two objects');
  return Object.fromEntries([...Object.entries(left), ...Object.entries(right)]);
}

/** From the first (inclusive) to the second (exclusive); a seed gives the same number each time. */
function mathRandom([from, to, seed]: readonly Json[], random: () => number): number {
  const [start, end] = [integer(from), integer(to)];
  if (start >= end) throw failure(`the range of States.MathRandom is empty: from ${start} to ${end}`);
  const chance = seed === undefined ? random() : seeded(integer(seed));
  return start + Math.floor(chance * (end - start));
}

/** The finalizer of MurmurHash3, as a number from 0 to 1. */
function seeded(seed: number): number {
  let mixed = (seed + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

/** Each character of `marks` separates; empty parts are dropped. */
function split(text: string, marks: string): Json {
  const parts: string[] = [''];
  for (const letter of text) {
    if (marks.includes(letter)) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.filter((part) => part !== '');
}

/** RFC 9562, version 4. */
export function uuid(random: () => number): string {
  const bytes = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
