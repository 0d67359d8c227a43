import { closest } from 'fastest-levenshtein';
import type { Json } from '../../core/json.ts';
import { Refusal, runtimeError } from './errors.ts';
import { type Intrinsic, intrinsics } from './intrinsic-functions.ts';
import { type Path, parsePath, readPath, type Scope } from './json-path.ts';

/** What may stand where a value is computed: a path, or a call of an intrinsic function. */
export type Expression =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'call'; readonly intrinsic: Intrinsic; readonly args: readonly Expression[] };

/** The value; a path that finds nothing fails with States.Runtime, as on AWS. */
export function evaluate(expression: Expression, scope: Scope): Json {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'path':
      return valueAt(expression.path, scope);
    case 'call': {
      const args = expression.args.map((argument) => evaluate(argument, scope));
      return expression.intrinsic.apply(args, scope.random);
    }
  }
}

export function valueAt(path: Path, scope: Scope): Json {
  const found = readPath(path, scope);
  if (found === undefined) {
    const where =
      path.root === '$$' ? 'the context object' : `the input ${JSON.stringify(scope.input).slice(0, 500)}`;
    throw runtimeError(`the path '${path.text}' could not be found in ${where}`);
  }
  return found;
}

/** Reads `$.path`, `$$.path` or `States.Function(…)`. */
export function parseExpression(text: string): Expression {
  if (text.startsWith('$')) return { kind: 'path', path: parseKnownPath(text) };
  if (!text.startsWith('States.')) {
    throw new Refusal(`a path ($.…) or an intrinsic function (States.…) is needed, given '${text}'`);
  }
  const [expression, end] = parseArgument(text, 0);
  if (end !== text.length) throw new Refusal(`cannot read '${text.slice(end)}' at the end of '${text}'`);
  return expression;
}

const contextFields: Readonly<Record<string, readonly string[]>> = {
  Execution: ['Id', 'Name', 'StartTime', 'Input'],
  State: ['Name', 'EnteredTime', 'RetryCount'],
  StateMachine: ['Id', 'Name'],
  Map: ['Item'],
};

/** Any path; one into the context object must name a field that the local engine has. */
export function parseKnownPath(text: string): Path {
  const path = parsePath(text);
  if (path.root === '$') return path;
  const [section, field] = path.steps.map((step) => (step.kind === 'name' ? step.name : '*'));
  const fields = section === undefined ? [] : contextFields[section];
  if (!fields)
    throw new Refusal(
      `no '${section}' in the context object; it has ${Object.keys(contextFields).join(', ')}`,
    );
  if (field !== undefined && !fields.includes(field)) {
    throw new Refusal(`no '${field}' in $$.${section}; it has ${fields.join(', ')}`);
  }
  return path;
}

const skipSpace = (text: string, at: number): number => at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);

const literalPattern =
  /'(?<quoted>(?:[^'\\]|\\.)*)'|(?<other>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y;
const callPattern = /(?<name>States\.\w*)\s*\(/y;
const pathPattern = /\$(?:[^,()[\]\s']|\[(?:'(?:[^'\\]|\\.)*'|[^\]]*)\])*/y;

/** The argument that begins there, and where it ends. */
function parseArgument(text: string, at: number): readonly [Expression, number] {
  const start = skipSpace(text, at);
  const literal = matchAt(literalPattern, text, start);
  if (literal) return [{ kind: 'literal', value: literalOf(literal) }, start + literal[0].length];
  const path = matchAt(pathPattern, text, start);
  if (path) return [{ kind: 'path', path: parseKnownPath(path[0]) }, start + path[0].length];
  const call = matchAt(callPattern, text, start);
  if (!call) throw new Refusal(`cannot read '${text.slice(start)}' in '${text}'`);
  return parseCall(text, call.groups?.name ?? '', start + call[0].length);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function literalOf({ groups }: RegExpExecArray): Json {
  const quoted = groups?.quoted;
  return quoted === undefined
    ? (JSON.parse(groups?.other ?? 'null') as Json)
    : quoted.replaceAll(/\\(.)/g, '$1');
}

function parseCall(text: string, name: string, start: number): readonly [Expression, number] {
  const intrinsic = Object.hasOwn(intrinsics, name) ? intrinsics[name] : undefined;
  if (!intrinsic) {
    throw new Refusal(
      `unknown intrinsic function ${name}; did you mean ${closest(name, Object.keys(intrinsics))}?`,
    );
  }
  const args: Expression[] = [];
  let at = skipSpace(text, start);
  for (let more = text[at] !== ')'; more; ) {
    const [argument, end] = parseArgument(text, at);
    args.push(argument);
    at = skipSpace(text, end);
    more = text[at] === ',';
    if (more) at += 1;
    else if (text[at] !== ')') throw new Refusal(`',' or ')' is missing at '${text.slice(at)}' in '${text}'`);
  }
  const [least, most] = intrinsic.arity;
  if (args.length < least || args.length > most) {
    const allowed = least === most ? least : most === Infinity ? `${least} or more` : `${least} to ${most}`;
    throw new Refusal(`${name} takes ${allowed} arguments, given ${args.length}`);
  }
  return [{ kind: 'call', intrinsic, args }, at + 1];
}
