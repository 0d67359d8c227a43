import { closest } from 'fastest-levenshtein';
import type { Json } from '../../core/json.ts';
import { Refusal } from './errors.ts';
import { type Expression, parseExpression, parseKnownPath } from './expression.ts';
import { Fields, type Refuse } from './fields.ts';
import type { State } from './flow.ts';
import { isObject } from './json-path.ts';
import { loadRule } from './load-choice.ts';
import { loadMap } from './load-map.ts';
import {
  type LoadMachine,
  loadFallible,
  loadOnward,
  loadQuantity,
  loadThrough,
  optionalTemplate,
  resultPathOf,
  wholeInput,
} from './load-parts.ts';
import { timestampOf } from './timestamp.ts';

const always = ['Type', 'Comment', 'QueryLanguage'];
const through = [...always, 'InputPath', 'OutputPath'];
const onward = [...through, 'Next', 'End'];
const fallible = [...onward, 'ResultSelector', 'ResultPath', 'Retry', 'Catch'];

const fieldsOf = {
  Task: [...fallible, 'Resource', 'Parameters', 'TimeoutSeconds', 'TimeoutSecondsPath'],
  Parallel: [...fallible, 'Parameters', 'Branches'],
  Map: [
    ...[...fallible, 'ItemsPath', 'ItemReader', 'ItemSelector', 'ItemProcessor', 'ResultWriter', 'Label'],
    ...['MaxConcurrency', 'MaxConcurrencyPath', 'ToleratedFailurePercentage', 'ToleratedFailureCount'],
    ...['ToleratedFailurePercentagePath', 'ToleratedFailureCountPath'],
  ],
  Pass: [...onward, 'Parameters', 'Result', 'ResultPath'],
  Wait: [...onward, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
  Choice: [...through, 'Choices', 'Default'],
  Succeed: through,
  Fail: [...always, 'Error', 'ErrorPath', 'Cause', 'CausePath'],
} as const satisfies Record<State['kind'], readonly string[]>;

/** Undefined where not even the kind of the state can be told. */
export function loadState(
  name: string,
  value: Json,
  at: string,
  refuse: Refuse,
  machine: LoadMachine,
): State | undefined {
  const given = isObject(value) ? value.Type : undefined;
  const kinds = Object.keys(fieldsOf) as State['kind'][];
  const kind = kinds.find((known) => known === given);
  if (!kind) {
    const guess = typeof given === 'string' ? `; did you mean ${closest(given, kinds)}?` : '';
    refuse(`${at}.Type`, `unknown state type ${JSON.stringify(given)}${guess}`);
    return undefined;
  }
  const fields = new Fields(value, at, refuse, fieldsOf[kind]);
  fields.word('QueryLanguage', ['JSONPath']);
  return loadKind(kind, name, fields, machine);
}

function loadKind(kind: State['kind'], name: string, fields: Fields, machine: LoadMachine): State {
  switch (kind) {
    case 'Task':
      return loadTask(name, fields);
    case 'Parallel':
      return loadParallel(name, fields, machine);
    case 'Map':
      return loadMap(name, fields, machine);
    case 'Pass': {
      const result = fields.get('Result');
      const parameters = optionalTemplate(fields, 'Parameters');
      return { kind, ...loadOnward(name, fields), parameters, result, resultPath: resultPathOf(fields) };
    }
    case 'Wait':
      return { kind, ...loadOnward(name, fields), until: loadUntil(fields) };
    case 'Choice':
      return loadChoice(name, fields);
    case 'Succeed':
      return { kind, ...loadThrough(name, fields) };
    case 'Fail':
      return { kind, name, error: loadText(fields, 'Error'), cause: loadText(fields, 'Cause') };
  }
}

const resources = new Map<string, 'function' | 'flow'>([
  ['arn:aws:states:::lambda:invoke', 'function'],
  ['arn:aws:states:::states:startExecution.sync:2', 'flow'],
]);

const parametersOf = {
  function: { required: 'FunctionName', known: ['FunctionName', 'Payload'] },
  flow: { required: 'StateMachineArn', known: ['StateMachineArn', 'Name', 'Input'] },
};

function loadTask(name: string, fields: Fields): State {
  const given = fields.requiredString('Resource');
  const resource = resources.get(given);
  if (resource) checkParameters(fields, resource);
  else if (fields.has('Resource')) {
    const known = [...resources.keys()].join(' and ');
    fields.refuse(fields.path('Resource'), `unknown resource '${given}'; known are ${known}`);
  }
  return {
    kind: 'Task',
    ...loadFallible(name, fields),
    resource: resource ?? 'function',
    parameters: optionalTemplate(fields, 'Parameters') ?? { kind: 'fixed', value: {} },
    timeoutSeconds: loadQuantity(fields, 'TimeoutSeconds', { least: 1 }),
  };
}

function checkParameters(fields: Fields, resource: 'function' | 'flow'): void {
  const { required, known } = parametersOf[resource];
  const names = known.flatMap((parameter) => [parameter, `${parameter}.$`]);
  const parameters = new Fields(fields.get('Parameters'), fields.path('Parameters'), fields.refuse, names);
  parameters.oneOf([required, `${required}.$`]);
}

function loadParallel(name: string, fields: Fields, machine: LoadMachine): State {
  const known = ['StartAt', 'States', 'Comment', 'QueryLanguage'];
  const branches = fields.array('Branches').map((branch, index) => {
    const at = `${fields.path('Branches')}[${index}]`;
    return machine(new Fields(branch, at, fields.refuse, known));
  });
  if (branches.length === 0) fields.refuse(fields.path('Branches'), 'must be an array of branches');
  const parameters = optionalTemplate(fields, 'Parameters');
  return { kind: 'Parallel', ...loadFallible(name, fields), parameters, branches };
}

function loadUntil(fields: Fields): Extract<State, { kind: 'Wait' }>['until'] {
  const given = fields.oneOf(['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath']);
  if (given === 'Timestamp') {
    const timestamp = fields.string('Timestamp') ?? '';
    if (timestampOf(timestamp) === undefined) {
      fields.refuse(
        fields.path('Timestamp'),
        `must be a time such as 2016-03-14T01:59:00Z, given '${timestamp}'`,
      );
    }
    return { kind: 'timestamp', timestamp };
  }
  if (given === 'TimestampPath') {
    return { kind: 'timestamp-path', path: fields.pathAt('TimestampPath', parseKnownPath) ?? wholeInput };
  }
  return { kind: 'seconds', seconds: loadQuantity(fields, 'Seconds') ?? { kind: 'fixed', value: 0 } };
}

function loadChoice(name: string, fields: Fields): State {
  const choices = fields.array('Choices').map((choice, index) => {
    const at = `${fields.path('Choices')}[${index}]`;
    const next = isObject(choice) ? choice.Next : undefined;
    if (typeof next !== 'string') fields.refuse(`${at}.Next`, 'must be the name of a state');
    return { rule: loadRule(choice, at, fields.refuse, true), next: String(next) };
  });
  if (choices.length === 0) fields.refuse(fields.path('Choices'), 'must be an array of rules');
  return { kind: 'Choice', ...loadThrough(name, fields), choices, otherwise: fields.string('Default') };
}

/** Error and Cause: a fixed text, or by a path or an intrinsic function that gives a string. */
function loadText(fields: Fields, name: 'Error' | 'Cause'): Expression {
  fields.oneOf([name, `${name}Path`], true);
  const path = fields.string(`${name}Path`);
  const expression =
    path === undefined ? undefined : fields.attempt(`${name}Path`, () => textExpression(path));
  return expression ?? { kind: 'literal', value: fields.string(name) ?? '' };
}

function textExpression(text: string): Expression {
  const expression = parseExpression(text);
  if (expression.kind === 'call' && !expression.intrinsic.text) {
    throw new Refusal(`needs a function that gives a string, given '${text}'`);
  }
  return expression;
}

/** Every state that may come next, and the field that says so. */
export function targetsOf(state: State): readonly { readonly field: string; readonly target: string }[] {
  switch (state.kind) {
    case 'Succeed':
    case 'Fail':
      return [];
    case 'Choice': {
      const choices = state.choices.map(({ next }, index) => ({
        field: `Choices[${index}].Next`,
        target: next,
      }));
      return state.otherwise === undefined
        ? choices
        : [...choices, { field: 'Default', target: state.otherwise }];
    }
    default: {
      const caught = 'catch' in state ? state.catch : [];
      const catches = caught.map(({ next }, index) => ({ field: `Catch[${index}].Next`, target: next }));
      return state.next === undefined ? catches : [{ field: 'Next', target: state.next }, ...catches];
    }
  }
}
