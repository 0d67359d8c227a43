import type { Json } from '../../core/json.ts';
import { Refusal } from './errors.ts';
import { type Expression, evaluate, parseExpression } from './expression.ts';
import { isArray, isObject, type Scope } from './json-path.ts';

/** A payload template: JSON in which a field named `x.$` holds the expression of field `x`. */
export type Template =
  | { readonly kind: 'fixed'; readonly value: Json }
  | { readonly kind: 'computed'; readonly expression: Expression }
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Template])[] };

export function fill(template: Template, scope: Scope): Json {
  switch (template.kind) {
    case 'fixed':
      return template.value;
    case 'computed':
      return evaluate(template.expression, scope);
    case 'array':
      return template.items.map((item) => fill(item, scope));
    case 'object':
      return Object.fromEntries(template.members.map(([name, member]) => [name, fill(member, scope)]));
  }
}

/** Tells each refusal to `refuse` with the path of the field below `at`, and goes on. */
export function parseTemplate(value: Json, at: string, refuse: (at: string, why: string) => void): Template {
  if (isArray(value)) {
    return {
      kind: 'array',
      items: value.map((item, index) => parseTemplate(item, `${at}[${index}]`, refuse)),
    };
  }
  if (!isObject(value)) return { kind: 'fixed', value };
  const members = Object.entries(value).map(([key, member]) =>
    parseMember(key, member, `${at}.${key}`, refuse),
  );
  const names = members.map(([name]) => name);
  for (const twice of names.filter((name, index) => names.indexOf(name) !== index)) {
    refuse(at, `${twice} is given twice, as ${twice} and as ${twice}.$`);
  }
  return { kind: 'object', members };
}

function parseMember(
  key: string,
  value: Json,
  at: string,
  refuse: (at: string, why: string) => void,
): readonly [string, Template] {
  if (!key.endsWith('.$')) return [key, parseTemplate(value, at, refuse)];
  const name = key.slice(0, -2);
  try {
    if (typeof value !== 'string')
      throw new Refusal('a field named *.$ must hold a path or an intrinsic function');
    return [name, { kind: 'computed', expression: parseExpression(value) }];
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    refuse(at, refusal.message);
    return [name, { kind: 'fixed', value: null }];
  }
}
