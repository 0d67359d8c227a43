import { dirname, relative, resolve } from 'node:path';
import { FanfareError, type Mistake, mistakeLine } from '../core/errors.ts';
import { type SpecPath, type SpecSource, specSource } from '../core/spec/source.ts';
import { JobFailed } from './failure.ts';

/**
 * The same failure with places: whatever it says of something that stands in the specification is told with its line and
 * column there, also where it was found by a function that saw no file. Any other failure as it is.
 */
export function locateFailure(error: unknown, file: string, text: string): unknown {
  if (!(error instanceof FanfareError || error instanceof JobFailed)) return error;
  if (!ofInput.has(error.name) || error.mistakes.length > 0) return error;
  const source = specSource(text, file);
  const told = error.message.split('\n').map((line) => placed(source, line) ?? line);
  const mistakes = told.filter((each) => typeof each !== 'string');
  if (mistakes.length === 0) return error;
  const message = told.map((each) => (typeof each === 'string' ? each : mistakeLine(each))).join('\n');
  return error instanceof FanfareError
    ? new FanfareError(error.name, message, { cause: error, mistakes })
    : new JobFailed(error.name, message, { cause: error, mistakes });
}

const ofInput: ReadonlySet<string> = new Set(['InvalidSpec', 'MissingInput']);

/** `columns.id: a.csv has no column "idd"` is about that key; a message about a file is about whoever names it. */
function placed(source: SpecSource, line: string): Mistake | undefined {
  const [, dotted] = /^([a-z_]+(?:\.[^\s:]+)*): /.exec(line) ?? [];
  const path = dotted?.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  if (path === undefined || !isThere(source, path[0]!)) return placedByFile(source, line);
  const quoted = quotedIn(line);
  if (quoted === path.at(-1)) return source.mistakeAt(path, line, 'key');
  const named = source.texts().find((each) => each.text === quoted && isBelow(each.path, path));
  return source.mistakeAt(named?.path ?? path, line);
}

function isThere({ written }: SpecSource, key: string | number): boolean {
  return typeof written === 'object' && written !== null && Object.hasOwn(written, key);
}

function quotedIn(line: string): string | undefined {
  const [text] = /"(?:[^"\\]|\\.)*"/.exec(line) ?? [];
  return text === undefined ? undefined : (JSON.parse(text) as string);
}

const isBelow = (path: SpecPath, above: SpecPath): boolean => above.every((step, at) => path[at] === step);

function placedByFile(source: SpecSource, line: string): Mistake | undefined {
  const folder = dirname(source.file);
  const named = source
    .texts()
    .filter(({ text }) => /[./]/.test(text))
    .find(({ text }) => {
      const absolute = resolve(folder, text);
      return [text, absolute, relative('.', absolute)].some((way) => mentions(line, way));
    });
  return named && source.mistakeAt(named.path, line);
}

/** As a word of its own: `a.csv` is no part of `data.csv` or `a.csv.gz`, and what is told with a line of its own is wrong there. */
function mentions(line: string, way: string): boolean {
  const quoted = way.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return way.length > 0 && new RegExp(`(?<![\\w./-])${quoted}(?![\\w/-]|\\.\\w|:\\d)`).test(line);
}
