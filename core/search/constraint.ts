import jsep from 'jsep';
import type { Scalar } from '../contracts/names.ts';
import { FanfareError } from '../errors.ts';
import { unknownName } from '../nearest.ts';
import type { Params, Space } from './space.ts';

jsep.addBinaryOp('or', 1);
jsep.addBinaryOp('and', 2);
jsep.addBinaryOp('in', 7);
jsep.addBinaryOp('not in', 7);
jsep.addUnaryOp('not');
// As Python has them.
jsep.addLiteral('True', true);
jsep.addLiteral('False', false);

/** Whether parameters are allowed. Of some of a trial's alone: whether they may be, whatever the others are. */
export type Allowed = (params: Params) => boolean;

/** What the constraints of a space allow; all, where there are none. `InvalidSpec` for one that is none. */
export function allowedBy({ space, constraints = [] }: Constrained): Allowed {
  const conditions = constraints.map((text) => conditionOf(text, space));
  return (params) => conditions.every((holds) => holds(params));
}

export interface Constrained {
  readonly space: Space;
  readonly constraints?: readonly string[] | undefined;
}

/**
 * A constraint as a function: parsed by jsep, and evaluated here, so that nothing but parameters and numbers can be reached.
 * What it says of a parameter that is not there is unknown, and only what makes it false is refused, as by SQL's CHECK.
 * `InvalidSpec` where it is no condition on parameters of the space.
 */
export function conditionOf(text: string, space: Space): Allowed {
  const term = termOf(parsed(text), space);
  if (!isOf(term, 'condition')) throw mistake(`a constraint is true or false, and this is ${told(term)}`);
  return (params) => term.at(params) !== false;
}

function parsed(text: string): jsep.CoreExpression {
  try {
    return jsep(text) as jsep.CoreExpression;
  } catch (cause) {
    const hint = /[^=!<>]=[^=]/.test(text) ? '; values are compared by ==' : '';
    throw mistake(`no expression: ${(cause as Error).message}${hint}`);
  }
}

const mistake = (message: string): FanfareError => new FanfareError('InvalidSpec', message);

type Type = 'number' | 'text' | 'condition';

/** A part of an expression; undefined: not known, for want of a parameter. */
interface Term {
  /** More than one for a parameter that has options of several. */
  readonly types: readonly Type[];
  /** As it is written, where that is one word. */
  readonly word?: string;
  /** The values that it can have, where they are counted. */
  readonly values?: readonly Scalar[];
  readonly at: (params: Params) => Scalar | undefined;
}

function termOf(node: jsep.CoreExpression, space: Space): Term {
  switch (node.type) {
    case 'Literal':
      return literalOf(node);
    case 'Identifier':
      return parameterOf(node.name, space);
    case 'UnaryExpression':
      return unaryOf(node.operator, termOf(node.argument as jsep.CoreExpression, space));
    case 'BinaryExpression': {
      const left = termOf(node.left as jsep.CoreExpression, space);
      const right = node.right as jsep.CoreExpression;
      if (node.operator === 'in') return memberOf(left, optionsOf(right, space));
      if (node.operator === 'not in') return unaryOf('not', memberOf(left, optionsOf(right, space)));
      return binaryOf(node.operator, left, termOf(right, space));
    }
    case 'Compound':
      throw mistake('one expression is needed: join two by and, and put text in quotes');
    default:
      throw mistake(`use ${allowedHere}`);
  }
}

const allowedHere =
  "parameters, numbers, 'text', true, false, + - * / % **, == != < <= > >=, in [a, b], not in [a, b], and, or, not, and parentheses";

function literalOf({ value, raw }: jsep.Literal): Term {
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean')
    throw mistake(`${raw} is nothing that a parameter can be: use ${allowedHere}`);
  return { types: [typeOf(value)], word: raw, values: [value], at: () => value };
}

const typeOf = (value: Scalar): Type =>
  typeof value === 'number' ? 'number' : typeof value === 'string' ? 'text' : 'condition';

function parameterOf(name: string, space: Space): Term {
  const dimension = Object.hasOwn(space, name) ? space[name]! : undefined;
  if (dimension === undefined)
    throw mistake(unknownName('a constraint names no parameter of the space', name, Object.keys(space)));
  const at = (params: Params) => (Object.hasOwn(params, name) ? params[name] : undefined);
  if (dimension.kind !== 'choice') return { types: ['number'], word: name, at };
  const types = [...new Set(dimension.options.map(typeOf))];
  return { types, word: name, values: dimension.options, at };
}

function unaryOf(operator: string, term: Term): Term {
  if (operator === 'not' || operator === '!') {
    need('condition', operator, term);
    return { types: ['condition'], at: (params) => negated(term.at(params)) };
  }
  if (operator !== '-' && operator !== '+') throw unknownOperator(operator);
  need('number', operator, term);
  const sign = operator === '-' ? -1 : 1;
  return { types: ['number'], at: (params) => known([term.at(params)], ([x]) => sign * Number(x)) };
}

const negated = (value: Scalar | undefined): Scalar | undefined => (value === undefined ? undefined : !value);

const unknownOperator = (operator: string): FanfareError =>
  mistake(`the operator ${operator} is not known: use ${allowedHere}`);

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
};
const orders: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function binaryOf(operator: string, left: Term, right: Term): Term {
  const numeric = arithmetic[operator] ?? orders[operator];
  if (numeric) {
    for (const side of [left, right]) need('number', operator, side);
    return {
      types: [operator in orders ? 'condition' : 'number'],
      at: (params) => known([left.at(params), right.at(params)], ([a, b]) => numeric(Number(a), Number(b))),
    };
  }
  switch (operator) {
    case '==':
      return memberOf(left, [right]);
    case '!=':
      return unaryOf('not', memberOf(left, [right]));
    case 'and':
    case '&&':
      return joined(operator, left, right, false);
    case 'or':
    case '||':
      return joined(operator, left, right, true);
    default:
      throw unknownOperator(operator);
  }
}

/** `and` is false, `or` is true by one side alone, whatever the other is (Kleene's logic). */
function joined(operator: string, left: Term, right: Term, decides: boolean): Term {
  for (const side of [left, right]) need('condition', operator, side);
  return {
    types: ['condition'],
    at: (params) => {
      const a = left.at(params);
      if (a === decides) return decides;
      const b = right.at(params);
      if (b === decides) return decides;
      return a === undefined || b === undefined ? undefined : !decides;
    },
  };
}

function optionsOf(node: jsep.CoreExpression, space: Space): readonly Term[] {
  if (node.type !== 'ArrayExpression') throw mistake("in takes a list: booster in ['trees', 'dart']");
  return node.elements.map((each) => termOf(each as jsep.CoreExpression, space));
}

/** Whether the left side is one of these. */
function memberOf(left: Term, options: readonly Term[]): Term {
  for (const option of options) {
    if (!left.types.some((type) => option.types.includes(type)))
      throw mistake(`${told(left)} is never equal to ${told(option)}`);
    const { values } = left;
    if (values && option.values && !option.values.some((value) => values.includes(value)))
      throw mistake(`${left.word} is never ${option.word} (it is ${values.map(quoted).join(', ')})`);
  }
  return {
    types: ['condition'],
    at: (params) =>
      known([left.at(params), ...options.map((option) => option.at(params))], ([value, ...others]) =>
        others.includes(value!),
      ),
  };
}

const quoted = (value: Scalar): string => (typeof value === 'string' ? `'${value}'` : String(value));

function known(
  values: readonly (Scalar | undefined)[],
  of: (values: readonly Scalar[]) => Scalar,
): Scalar | undefined {
  return values.includes(undefined) ? undefined : of(values as readonly Scalar[]);
}

function need(type: Type, operator: string, term: Term): void {
  if (isOf(term, type)) return;
  const chain = type === 'number' && term.word === undefined ? ' (0 < a < 1 is written 0 < a and a < 1)' : '';
  throw mistake(`${operator} takes ${type}s, not ${told(term)}${chain}`);
}

const isOf = ({ types }: Term, type: Type): boolean => types.every((each) => each === type);

/** `booster (a text)` · `a condition` */
function told({ word, types }: Term): string {
  const kind = types.map((type) => `a ${type}`).join(' or ');
  return word === undefined ? kind : `${word} (${kind})`;
}
