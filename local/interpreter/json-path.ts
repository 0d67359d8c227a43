import type { Json } from '../../core/json.ts';
import { Refusal } from './errors.ts';

/** A path into the input (`$`) or the context object (`$$`). */
export interface Path {
  readonly root: '$' | '$$';
  readonly steps: readonly Step[];
  /** It names one node at most; otherwise it gives an array of all that match. */
  readonly definite: boolean;
  readonly text: string;
}

type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined };

/** What paths are read from. */
export interface Scope {
  readonly input: Json;
  readonly context: Json;
  readonly random: () => number;
}

export const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

const stepPattern =
  /\.\.|\.(?<dotted>\*|[^.[\]()*,?@$'"\s:]+)|\['(?<quoted>(?:[^'\\]|\\.)*)'\]|\["(?<double>(?:[^"\\]|\\.)*)"\]|\[(?<index>-?\d+)\]|\[(?<each>\*)\]|\[(?<from>-?\d+)?:(?<to>-?\d+)?\]/y;

/**
 * Reads the part of JSONPath that flows use: dots, `['name']`, `[n]`, `[*]` and `[from:to]`. Everything else
 * (`..`, filters, functions, unions) is refused, since emulators differ on it.
 */
export function parsePath(text: string): Path {
  const root = text.startsWith('$$') ? '$$' : '$';
  if (!text.startsWith('$')) throw new Refusal(`a path starts with $, given '${text}'`);
  const steps: Step[] = [];
  let at = root.length;
  while (at < text.length) {
    stepPattern.lastIndex = at;
    const match = stepPattern.exec(text);
    if (!match || match[0] === '..') {
      const allowed = "allowed are .name, ['name'], [n], [*] and [from:to]";
      throw new Refusal(`cannot read '${text.slice(at)}' of the path '${text}'; ${allowed}`);
    }
    steps.push(stepOf(match.groups ?? {}));
    at = stepPattern.lastIndex;
  }
  const definite = steps.every((step) => step.kind === 'name' || step.kind === 'index');
  return { root, steps, definite, text };
}

function stepOf(groups: Record<string, string | undefined>): Step {
  if (groups.dotted === '*' || groups.each) return { kind: 'each' };
  const name = groups.dotted ?? groups.quoted ?? groups.double;
  if (name !== undefined) return { kind: 'name', name: name.replaceAll(/\\(.)/g, '$1') };
  if (groups.index) return { kind: 'index', index: Number(groups.index) };
  const bound = (digits: string | undefined) => (digits === undefined ? undefined : Number(digits));
  return { kind: 'slice', from: bound(groups.from), to: bound(groups.to) };
}

/** A path that names exactly one node of the input, as ResultPath must. */
export function parseReferencePath(text: string): Path {
  const path = parsePath(text);
  if (!path.definite || path.root === '$$') {
    throw new Refusal(`must name one node of the input ($.a.b or $.a[0]), given '${text}'`);
  }
  return path;
}

/** The value there, or undefined where a definite path finds none. */
export function readPath(path: Path, scope: Scope): Json | undefined {
  let nodes: readonly Json[] = [path.root === '$$' ? scope.context : scope.input];
  let spread = false;
  for (const step of path.steps) {
    nodes = nodes.flatMap((node) => follow(step, node));
    spread ||= step.kind === 'each' || step.kind === 'slice';
    if (!spread && nodes.length === 0) return undefined;
  }
  return path.definite ? nodes[0] : nodes;
}

function follow(step: Step, node: Json): readonly Json[] {
  switch (step.kind) {
    case 'name': {
      const found = isObject(node) && Object.hasOwn(node, step.name) ? node[step.name] : undefined;
      return found === undefined ? [] : [found];
    }
    case 'index': {
      const found = isArray(node) ? node.at(step.index) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'each':
      return isArray(node) ? node : isObject(node) ? Object.values(node) : [];
    case 'slice':
      return isArray(node) ? node.slice(step.from, step.to) : [];
  }
}

/**
 * A copy of `target` with `value` at a reference path; missing objects on the way are made.
 * Undefined where the path leads through something else than an object, or to no item of an array.
 */
export function writePath(target: Json, path: Path, value: Json): Json | undefined {
  return write(target, path.steps, value);
}

function write(target: Json | undefined, steps: readonly Step[], value: Json): Json | undefined {
  const [step, ...rest] = steps;
  if (!step) return value;
  if (step.kind === 'index') {
    const at = step.index;
    const item = isArray(target) && at >= 0 ? target[at] : undefined;
    const written = item === undefined ? undefined : write(item, rest, value);
    return isArray(target) && written !== undefined ? target.with(at, written) : undefined;
  }
  if (step.kind !== 'name' || (target !== undefined && !isObject(target))) return undefined;
  const below = target && Object.hasOwn(target, step.name) ? target[step.name] : undefined;
  const written = write(below, rest, value);
  return written === undefined ? undefined : withMember(target ?? {}, step.name, written);
}

/** A plain assignment or spread would take the key `__proto__` for something else. */
function withMember(target: { readonly [key: string]: Json }, name: string, value: Json): Json {
  return Object.fromEntries([...Object.entries(target).filter(([key]) => key !== name), [name, value]]);
}
