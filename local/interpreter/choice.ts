import type { Json } from '../../core/json.ts';
import { runtimeError } from './errors.ts';
import { type Path, readPath, type Scope } from './json-path.ts';
import { timestampOf } from './timestamp.ts';

export type Rule =
  | { readonly kind: 'and' | 'or'; readonly rules: readonly Rule[] }
  | { readonly kind: 'not'; readonly rule: Rule }
  | { readonly kind: 'present'; readonly variable: Path; readonly expected: boolean }
  | { readonly kind: 'is'; readonly variable: Path; readonly test: TypeTest; readonly expected: boolean }
  | {
      readonly kind: 'compare';
      readonly variable: Path;
      readonly comparison: Comparison;
      readonly operand: Operand;
    };

type Operand =
  | { readonly kind: 'fixed'; readonly value: Json }
  | { readonly kind: 'path'; readonly path: Path };

export const typeTests = {
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => timestampOf(value) !== undefined,
} as const satisfies Record<string, (value: Json) => boolean>;

export type TypeTest = keyof typeof typeTests;

type Comparable = string | number | boolean;

export interface Comparison {
  /** The value as this comparison takes it; undefined where it is of another type, which matches nothing. */
  readonly take: (value: Json) => Comparable | undefined;
  readonly holds: (left: Comparable, right: Comparable) => boolean;
}

const string = (value: Json) => (typeof value === 'string' ? value : undefined);
const number = (value: Json) => (typeof value === 'number' ? value : undefined);
const boolean = (value: Json) => (typeof value === 'boolean' ? value : undefined);

const orders = {
  Equals: (left: Comparable, right: Comparable) => left === right,
  LessThan: (left: Comparable, right: Comparable) => left < right,
  GreaterThan: (left: Comparable, right: Comparable) => left > right,
  LessThanEquals: (left: Comparable, right: Comparable) => left <= right,
  GreaterThanEquals: (left: Comparable, right: Comparable) => left >= right,
};

const ordered = (type: string, take: Comparison['take']): readonly (readonly [string, Comparison])[] =>
  Object.entries(orders).map(([order, holds]) => [`${type}${order}`, { take, holds }]);

/** Those that compare with another value, given itself or (`…Path`) by a path. Strings go by UTF-16 code units. */
export const comparisons: ReadonlyMap<string, Comparison> = new Map([
  ...ordered('String', string),
  ...ordered('Numeric', number),
  ...ordered('Timestamp', timestampOf),
  ['BooleanEquals', { take: boolean, holds: orders.Equals }],
]);

/** `*` stands for any characters, `\*` for a star, `\\` for a backslash. */
export const stringMatches: Comparison = {
  take: string,
  holds: (left, right) => patternOf(String(right)).test(String(left)),
};

function patternOf(wildcards: string): RegExp {
  const parts = wildcards.match(/\\[\s\S]|[\s\S]/g) ?? [];
  const source = parts.map((part) =>
    part === '*' ? '[\\s\\S]*' : escaped(part.length > 1 ? part.slice(1) : part),
  );
  return new RegExp(`^${source.join('')}$`);
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** A variable that is not there fails with States.Runtime, except where its presence is the question. */
export function holds(rule: Rule, scope: Scope): boolean {
  switch (rule.kind) {
    case 'and':
      return rule.rules.every((inner) => holds(inner, scope));
    case 'or':
      return rule.rules.some((inner) => holds(inner, scope));
    case 'not':
      return !holds(rule.rule, scope);
    case 'present':
      return (readPath(rule.variable, scope) !== undefined) === rule.expected;
    case 'is':
      return typeTests[rule.test](variableAt(rule.variable, scope)) === rule.expected;
    case 'compare': {
      const { comparison, operand } = rule;
      const left = comparison.take(variableAt(rule.variable, scope));
      const right = comparison.take(
        operand.kind === 'fixed' ? operand.value : variableAt(operand.path, scope),
      );
      return left !== undefined && right !== undefined && comparison.holds(left, right);
    }
  }
}

function variableAt(path: Path, scope: Scope): Json {
  const value = readPath(path, scope);
  if (value === undefined) {
    throw runtimeError(`the choice's path '${path.text}' references no value of its input`);
  }
  return value;
}
