import type { Json } from '../../core/json.ts';
import { comparisons, type Rule, stringMatches, type TypeTest, typeTests } from './choice.ts';
import { parseKnownPath } from './expression.ts';
import { Fields, type Refuse } from './fields.ts';
import type { Path } from './json-path.ts';
import { timestampOf } from './timestamp.ts';

const compared = [...comparisons.keys()];
const typed = ['IsPresent', ...Object.keys(typeTests)];
const tests = [...compared, ...compared.map((name) => `${name}Path`), 'StringMatches', ...typed];
const joints = ['And', 'Or', 'Not'];

/** A rule of a Choice: a comparison, or And, Or and Not over others. Only the outermost (`top`) has a Next. */
export function loadRule(value: Json, at: string, refuse: Refuse, top: boolean): Rule {
  const known = ['Variable', ...tests, ...joints, 'Comment', ...(top ? ['Next'] : [])];
  const fields = new Fields(value, at, refuse, known);
  const test = fields.oneOf([...joints, ...tests]) ?? 'And';
  if (test === 'And' || test === 'Or') return joined(fields, test);
  if (test === 'Not') {
    return { kind: 'not', rule: loadRule(fields.get('Not') ?? null, fields.path('Not'), refuse, false) };
  }
  return comparison(fields, test);
}

function joined(fields: Fields, joint: 'And' | 'Or'): Rule {
  const inner = fields.array(joint);
  if (fields.has(joint) && inner.length === 0) fields.refuse(fields.path(joint), 'must hold a rule');
  const rules = inner.map((rule, index) =>
    loadRule(rule, `${fields.path(joint)}[${index}]`, fields.refuse, false),
  );
  return { kind: joint === 'And' ? 'and' : 'or', rules };
}

const nowhere: Path = { root: '$', steps: [], definite: true, text: '$' };

function comparison(fields: Fields, test: string): Rule {
  if (!fields.has('Variable')) fields.refuse(fields.path('Variable'), 'is missing');
  const variable = fields.pathAt('Variable', parseKnownPath) ?? nowhere;
  const given = fields.get(test) ?? null;
  if (typed.includes(test)) {
    if (typeof given !== 'boolean') fields.refuse(fields.path(test), 'must be true or false');
    const expected = given === true;
    if (test === 'IsPresent') return { kind: 'present', variable, expected };
    return { kind: 'is', variable, test: test as TypeTest, expected };
  }
  const byPath = test.endsWith('Path');
  const name = byPath ? test.slice(0, -'Path'.length) : test;
  const how = comparisons.get(name) ?? stringMatches;
  if (byPath) {
    const path = fields.pathAt(test, parseKnownPath) ?? nowhere;
    return { kind: 'compare', variable, comparison: how, operand: { kind: 'path', path } };
  }
  if (how.take(given) === undefined) fields.refuse(fields.path(test), mismatch(name, given));
  return { kind: 'compare', variable, comparison: how, operand: { kind: 'fixed', value: given } };
}

function mismatch(name: string, given: Json): string {
  const type = /^(?:String|Numeric|Boolean|Timestamp)/.exec(name)?.[0].toLowerCase();
  const example =
    type === 'timestamp' && timestampOf(given) === undefined ? ' such as 2016-03-14T01:59:00Z' : '';
  return `must be a ${type}${example}, given ${JSON.stringify(given)}`;
}
