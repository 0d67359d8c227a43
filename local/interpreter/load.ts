import { closest } from 'fastest-levenshtein';
import { FanfareError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import { Fields, type Refuse } from './fields.ts';
import type { FlowDefinition, Machine, State } from './flow.ts';
import { isArray, isObject } from './json-path.ts';
import { loadState, targetsOf } from './load-state.ts';

/**
 * Reads a flow in Amazon States Language, with `${Name}` replaced as CloudFormation replaces it. One `InvalidSpec`
 * lists everything that the language, Step Functions or the local engine would refuse, each with its path.
 */
export function loadFlow(
  name: string,
  text: string,
  substitutions: Readonly<Record<string, string>>,
): FlowDefinition {
  const problems: string[] = [];
  const refuse: Refuse = (at, why) => problems.push(at === '' ? why : `${at}: ${why}`);
  const definition = substituted(parsed(name, text), '', substitutions, refuse);
  const top = ['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version'];
  const fields = new Fields(definition, '', refuse, top);
  fields.word('Version', ['1.0']);
  const timeoutSeconds = fields.number('TimeoutSeconds', 1, 99_999_999, true);
  const machine = { ...loadMachine(fields, new Set()), timeoutSeconds };
  if (problems.length > 0) {
    throw new FanfareError('InvalidSpec', `flow ${name} is refused:\n  ${problems.join('\n  ')}`);
  }
  return Object.freeze({ name, machine });
}

function parsed(name: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new FanfareError('InvalidSpec', `flow ${name} is not JSON: ${String(cause)}`, { cause });
  }
}

function substituted(
  value: Json,
  at: string,
  substitutions: Readonly<Record<string, string>>,
  refuse: Refuse,
): Json {
  if (isArray(value)) {
    return value.map((item, index) => substituted(item, `${at}[${index}]`, substitutions, refuse));
  }
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, member]) => {
      const below = at === '' ? key : `${at}.${key}`;
      return [key, substituted(member, below, substitutions, refuse)] as const;
    });
    return Object.fromEntries(members);
  }
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\$\{([^}]*)\}/g, (whole, key: string) => {
    const replacement = Object.hasOwn(substitutions, key) ? substitutions[key] : undefined;
    if (replacement === undefined) {
      const known = Object.keys(substitutions);
      refuse(at, `no substitution for ${whole}; there are ${known.join(', ') || 'none'}`);
    }
    return replacement ?? whole;
  });
}

/** `names` gathers the states of the whole flow, in which none may have another's name. */
function loadMachine(fields: Fields, names: Set<string>): Machine {
  const { refuse } = fields;
  fields.word('QueryLanguage', ['JSONPath']);
  const at = fields.path('States');
  const given = fields.get('States');
  if (!isObject(given) || Object.keys(given).length === 0) refuse(at, 'must be an object of states');
  const states = new Map<string, State>();
  for (const [name, value] of Object.entries(isObject(given) ? given : {})) {
    const where = `${at}.${name}`;
    if (name.length > 80) refuse(where, 'a name of a state has at most 80 characters');
    if (names.has(name)) refuse(where, 'another state of the flow has this name');
    names.add(name);
    const state = loadState(name, value, where, refuse, (inner) => loadMachine(inner, names));
    if (state) states.set(name, state);
  }
  const startAt = fields.requiredString('StartAt');
  if (isObject(given)) checkTargets(fields, startAt, states, Object.keys(given));
  return { startAt, states, timeoutSeconds: undefined };
}

function checkTargets(
  fields: Fields,
  startAt: string,
  states: ReadonlyMap<string, State>,
  names: readonly string[],
): void {
  const reached = new Set([startAt]);
  const check = (target: string, at: string) => {
    if (!names.includes(target)) {
      const nearest = names.length > 0 ? `; did you mean ${closest(target, [...names])}?` : '';
      fields.refuse(at, `no state '${target}' here${nearest}`);
    }
  };
  if (fields.has('StartAt')) check(startAt, fields.path('StartAt'));
  for (const name of reached) {
    const state = states.get(name);
    for (const { field, target } of state ? targetsOf(state) : []) {
      check(target, `${fields.path('States')}.${name}.${field}`);
      reached.add(target);
    }
  }
  // A state that could not be read leads nowhere, which is no fault of those behind it.
  if (states.size < names.length) return;
  for (const name of names.filter((name) => !reached.has(name))) {
    fields.refuse(`${fields.path('States')}.${name}`, 'no state leads here');
  }
}
