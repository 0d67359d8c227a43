import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { program } from '../../cli/program.ts';
import { Spec } from '../../core/contracts/spec.ts';
import { readPrediction, readSpec } from '../../core/spec/read.ts';
import { placeOf, type Snippet, snippets } from '../support/snippets.ts';

const all = snippets();
const scripts = Object.keys(
  (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts,
);

/** What a part of a specification is put into, so that it is a whole one. */
const base = { name: 'part', table: 'a.csv', target: 'y' };

/** Each answers with how many things it looked at, and throws where one is wrong. */
const checks: Readonly<Record<string, (snippet: Snippet) => number>> = {
  bash: ({ text }) => {
    const lines = text.replaceAll(/\\\n/g, ' ').split('\n');
    return lines.flatMap(commandsIn).map(requireCommand).length;
  },
  yaml: ({ text, sketch }) => {
    const parts = alternatives(text);
    for (const part of parts) if (sketch === undefined) requireSpec(part);
    return parts.length;
  },
  json: ({ text }) => Number(JSON.parse(text) !== undefined),
  ts: ({ text }) => transformSync(text, { loader: 'ts', format: 'esm' }).code.length,
  js: ({ text }) => transformSync(text, { loader: 'js', format: 'esm' }).code.length,
  // Compiled by the slow test.
  python: () => 1,
};

describe('a snippet of the documentation', () => {
  test('has a language that is checked', () => {
    expect(all.filter(({ language }) => !(language in checks)).map(placeOf)).toEqual([]);
    // A check that sees nothing is none.
    expect(all.length).toBeGreaterThan(70);
    expect(new Set(all.map(({ language }) => language)).size).toBeGreaterThanOrEqual(5);
  });

  test.each(all.map((snippet) => [placeOf(snippet), snippet] as const))('is right: %s', (_, snippet) => {
    expect(checks[snippet.language]!(snippet)).toBeGreaterThan(0);
  });

  test('that is wrong is found', () => {
    expect(() => checks.bash!(planted('npx fanfare tun a.yaml'))).toThrow('no command tun');
    expect(() => checks.bash!(planted('npx fanfare tune a.yaml --jsn'))).toThrow('unknown --jsn');
    expect(() => checks.bash!(planted('npx fanfare tune'))).toThrow('0 arguments');
    expect(() => checks.bash!(planted('npm run biuld'))).toThrow('no script biuld');
    expect(() => checks.yaml!(planted('tune: { trails: 3 }'))).toThrow('unknown key "trails"');
    expect(() => checks.ts!(planted('const x = ;'))).toThrow();
  });
});

/** A key that is written again on the next line says what else may stand there. */
function alternatives(text: string): readonly string[] {
  const keys = text.split('\n').flatMap((line) => /^\w+(?=:)/.exec(line) ?? []);
  return new Set(keys).size === keys.length ? [text] : text.split('\n');
}

/** A whole specification, or some keys of one, or of its `tune`. */
function requireSpec(text: string): void {
  const written: unknown = parse(text);
  // A comment for editors.
  if (typeof written !== 'object' || written === null) return;
  const given = written as Record<string, unknown>;
  if ('name' in given && 'table' in given) return void readPrediction(text, 'page.yaml');
  const outer = Object.keys(given).some((key) => key === 'tune' || key in Spec.shape);
  const tune = { space: {}, ...(outer ? (given.tune as object | undefined) : given) };
  readSpec(JSON.stringify({ ...base, ...(outer && given), tune }), 'part.yaml');
}

const planted = (text: string): Snippet => ({
  ...{
    page: 'planted.md',
    line: 1,
    language: 'bash',
    file: undefined,
    text,
    sketch: undefined,
    notRun: undefined,
  },
});

/** The commands of ours, and all others as one, in a line: `a && b | c # why`. */
const commandsIn = (line: string): string[] =>
  line
    .replace(/(^|\s)#.*$/, '')
    .split(/&&|\|\||;|(?<!\w)\|(?!\w)|(?=\$\()/)
    .map((part) =>
      part
        .replace(/^[A-Z_]+=\S+ /, '')
        .replace(/^\$\(|>.*$/g, '')
        .trim(),
    )
    .filter((part) => part !== '');

function requireCommand(text: string): string {
  const words = (text.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll(/^["']|["']$/g, ''));
  const [first, second, ...rest] = words;
  if (first === 'npx' && second === 'fanfare') requireFanfare(rest);
  if (first === 'npm' && second === 'start') {
    const own = rest.slice(rest.indexOf('--') + 1);
    if (rest.includes('--') && own[0] && !own[0].startsWith('-')) requireFanfare(own);
  }
  if (first === 'npm' && second === 'run' && !scripts.includes(rest[0]!))
    throw new Error(`no script ${rest[0]}`);
  return text;
}

/** `split|tune SPEC` are two commands. */
function requireFanfare([names = '', ...args]: readonly string[]): void {
  for (const name of names.split('|')) {
    const command = program.commands.find((one) => one.name() === name);
    if (command === undefined) throw new Error(`there is no command ${name}`);
    command.exitOverride();
    const { operands, unknown } = command.parseOptions([...args]);
    if (unknown.length > 0) throw new Error(`fanfare ${name}: unknown ${unknown.join(' ')}`);
    const { registeredArguments: known } = command;
    const least = known.filter(({ required }) => required).length;
    const most = known.some(({ variadic }) => variadic) ? Number.POSITIVE_INFINITY : known.length;
    if (operands.length < least || operands.length > most) {
      throw new Error(`fanfare ${name}: ${operands.length} arguments (${operands.join(' ')})`);
    }
  }
}
