import type { Json } from '../../core/json.ts';
import { parseKnownPath } from './expression.ts';
import { Fields } from './fields.ts';
import type { Catcher, Machine, Quantity, Retrier } from './flow.ts';
import { type Path, parsePath, parseReferencePath } from './json-path.ts';
import { parseTemplate, type Template } from './template.ts';

/** Reads the states inside a Parallel's branch or a Map's processor. */
export type LoadMachine = (fields: Fields) => Machine;

export const wholeInput = parsePath('$');

export function loadThrough(name: string, fields: Fields) {
  const path = (field: string): Path | null => {
    const given = fields.pathAt(field, parseKnownPath, true);
    return given === undefined ? wholeInput : given;
  };
  return { name, inputPath: path('InputPath'), outputPath: path('OutputPath') };
}

export function loadOnward(name: string, fields: Fields) {
  fields.oneOf(['Next', 'End']);
  if (fields.has('End') && fields.get('End') !== true) fields.refuse(fields.path('End'), 'must be true');
  return { ...loadThrough(name, fields), next: fields.string('Next') };
}

export function loadFallible(name: string, fields: Fields) {
  return {
    ...loadOnward(name, fields),
    resultSelector: optionalTemplate(fields, 'ResultSelector'),
    resultPath: resultPathOf(fields),
    retry: loadEach(fields, 'Retry', loadRetrier),
    catch: loadEach(fields, 'Catch', loadCatcher),
  };
}

export function resultPathOf(fields: Fields): Path | null {
  const given = fields.pathAt('ResultPath', parseReferencePath, true);
  return given === undefined ? wholeInput : given;
}

export function optionalTemplate(fields: Fields, name: string): Template | undefined {
  const value = fields.get(name);
  return value === undefined ? undefined : parseTemplate(value, fields.path(name), fields.refuse);
}

/** A number from `least`, as `name` or, found in the input, as `namePath`. */
export function loadQuantity(
  fields: Fields,
  name: string,
  range: { readonly least?: number; readonly most?: number; readonly whole?: boolean } = {},
): Quantity | undefined {
  const { least = 0, most = 99_999_999, whole = true } = range;
  fields.oneOf([name, `${name}Path`], true);
  const value = fields.number(name, least, most, whole);
  if (value !== undefined) return { kind: 'fixed', value };
  const path = fields.pathAt(`${name}Path`, parseKnownPath);
  return path ? { kind: 'path', path } : undefined;
}

type LoadOne<T> = (value: Json, at: string, fields: Fields, last: boolean) => T;

function loadEach<T>(fields: Fields, name: 'Retry' | 'Catch', load: LoadOne<T>): readonly T[] {
  const given = fields.array(name);
  return given.map((value, index) =>
    load(value, `${fields.path(name)}[${index}]`, fields, index === given.length - 1),
  );
}

const retrierFields = [
  ...['ErrorEquals', 'IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds', 'JitterStrategy'],
  'Comment',
];

function loadRetrier(value: Json, at: string, parent: Fields, last: boolean): Retrier {
  const fields = new Fields(value, at, parent.refuse, retrierFields);
  const intervalSeconds = fields.number('IntervalSeconds', 1, 99_999_999, true) ?? 1;
  const maxDelaySeconds = fields.number('MaxDelaySeconds', 1, 31_622_399, true) ?? Infinity;
  if (maxDelaySeconds <= intervalSeconds && fields.has('MaxDelaySeconds')) {
    fields.refuse(fields.path('MaxDelaySeconds'), `must be greater than IntervalSeconds, ${intervalSeconds}`);
  }
  return {
    errors: loadErrors(fields, last),
    intervalSeconds,
    maxAttempts: fields.number('MaxAttempts', 0, 99_999_999, true) ?? 3,
    backoffRate: fields.number('BackoffRate', 1, Number.MAX_VALUE, false) ?? 2,
    maxDelaySeconds,
    jitter: fields.word('JitterStrategy', ['NONE', 'FULL']) === 'FULL',
  };
}

function loadCatcher(value: Json, at: string, parent: Fields, last: boolean): Catcher {
  const fields = new Fields(value, at, parent.refuse, ['ErrorEquals', 'Next', 'ResultPath', 'Comment']);
  return {
    errors: loadErrors(fields, last),
    resultPath: resultPathOf(fields),
    next: fields.requiredString('Next'),
  };
}

/** The language's own names; flows may add any that do not begin with `States.`. */
const reserved = [
  ...['States.ALL', 'States.HeartbeatTimeout', 'States.Timeout', 'States.TaskFailed', 'States.Permissions'],
  ...['States.ResultPathMatchFailure', 'States.ParameterPathFailure', 'States.BranchFailed'],
  ...['States.NoChoiceMatched', 'States.IntrinsicFailure', 'States.ExceedToleratedFailureThreshold'],
  ...['States.ItemReaderFailed', 'States.ResultWriterFailed', 'States.DataLimitExceeded', 'States.Runtime'],
];

function loadErrors(fields: Fields, last: boolean): readonly string[] {
  const at = fields.path('ErrorEquals');
  const errors = fields.array('ErrorEquals').filter((error) => typeof error === 'string');
  if (errors.length === 0 || errors.length < fields.array('ErrorEquals').length) {
    fields.refuse(at, 'must be an array of error names');
  }
  for (const error of errors.filter((error) => error.startsWith('States.') && !reserved.includes(error))) {
    fields.refuse(at, `unknown error name ${error}; those with States. are ${reserved.join(', ')}`);
  }
  if (errors.includes('States.ALL') && (errors.length > 1 || !last)) {
    fields.refuse(at, 'States.ALL must stand alone, and in the last of them');
  }
  return errors;
}
