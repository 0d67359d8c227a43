import {
  type Alias,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import type { Mistake } from '../errors.ts';

export type SpecPath = readonly (string | number)[];

/** A specification as a person wrote it: what it says, and where. */
export interface SpecSource {
  readonly file: string;
  readonly written: unknown;
  /** Of its YAML; where there are some, `written` may be anything. */
  readonly broken: readonly Mistake[];
  /** The mistake at what stands there, or at its key; where nothing does, at the nearest that it would stand in. */
  mistakeAt(path: SpecPath, message: string, part?: 'value' | 'key'): Mistake;
  /** The way to every value that is a text. */
  texts(): readonly { readonly path: SpecPath; readonly text: string }[];
}

/** Parses YAML (or JSON) and keeps the places. */
export function specSource(text: string, file: string): SpecSource {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const lines = text.split(/\r?\n/);

  function mistake(start: number, end: number, message: string): Mistake {
    const { line, col: column } = counter.linePos(start);
    const shown = lines[line - 1] ?? '';
    const length = Math.max(1, Math.min(end - start, shown.length - column + 1));
    return { file, line, column, length, text: shown, message };
  }

  return {
    file,
    written: document.errors.length > 0 ? undefined : document.toJS(),
    broken: document.errors.map(({ pos: [start, end], message }) => mistake(start, end, message)),
    mistakeAt(path, message, part = 'value') {
      const [start, end] = nodeAt(path, part)?.range ?? [0, 1];
      return mistake(start, end, message);
    },
    texts: () => textsBelow(document.contents, []),
  };

  /** What is underlined: a value that stands on its line; else the key that it stands under. */
  function nodeAt(path: SpecPath, part: 'value' | 'key'): Node | undefined {
    let marked: Node | undefined;
    let here: Node | null = document.contents;
    for (const [at, step] of path.entries()) {
      const next = below(resolved(here), step);
      if (next === undefined) return marked;
      const byKey = !isInline(next.value) || (part === 'key' && at === path.length - 1);
      marked = (byKey ? next.key : undefined) ?? next.value ?? marked;
      here = next.value;
    }
    return marked;
  }

  function resolved(node: Node | null): Node | null {
    return isAlias(node) ? ((node as Alias).resolve(document) ?? null) : node;
  }

  function textsBelow(given: Node | null, path: SpecPath): { path: SpecPath; text: string }[] {
    const node = resolved(given);
    if (isScalar(node)) return typeof node.value === 'string' ? [{ path, text: node.value }] : [];
    if (isSeq(node)) return node.items.flatMap((item, at) => textsBelow(asNode(item), [...path, at]));
    if (!isMap(node)) return [];
    return node.items.flatMap(({ key, value }) => {
      const name = String(isScalar(key) ? key.value : key);
      return textsBelow(asNode(value), [...path, name]);
    });
  }
}

const asNode = (value: unknown): Node | null => (isNode(value) ? value : null);

interface Below {
  /** Left out where it is an item of a list. */
  readonly key?: Node;
  readonly value: Node | null;
}

function below(node: Node | null, step: string | number): Below | undefined {
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return item === undefined ? undefined : { value: asNode(item) };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  const key = asNode(pair?.key);
  return pair && key ? { key, value: asNode(pair.value) } : undefined;
}

const isInline = (node: Node | null): node is Node =>
  node !== null && (isCollection(node) ? node.flow === true : !(isScalar(node) && node.value === null));
