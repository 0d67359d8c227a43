import { constants } from 'node:os';
import { FanfareError, type Mistake, mistakeLine } from '../../core/errors.ts';
import { failureOf, JobFailed } from '../../library/failure.ts';
import { Detached } from '../../library/remote/follow.ts';
import { Usage } from '../usage.ts';
import { codeFrame } from './code-frame.ts';
import { colorsFor } from './colors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';

/** A signal ended the command. `resume`: the command that goes on, where there is something to go on with. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals, resume: string | undefined) {
    super(`interrupted; the same command goes on from here${resume ? `\n  or: ${resume}` : ''}`);
    this.signal = signal;
  }
}

/**
 * One clear message on stderr: what, where, what is allowed; with `--json` one document on stdout as well, and of both only
 * that where all should be quiet. Answers with the exit code.
 */
export function reportFailure(error: unknown, { json, quiet }: Asked): number {
  if (error === null) return exitCodes.done;
  const told = toldOf(failureOf(error));
  const { name, message, mistakes = [], exit = exitCodeOf(name) } = told;
  if (json) process.stdout.write(`${JSON.stringify({ error: { name, message, mistakes, exit } })}\n`);
  if (!(json && quiet)) process.stderr.write(`${linesOf(told).join('\n')}\n`);
  return exit;
}

interface Asked {
  readonly json: boolean;
  readonly quiet: boolean;
}

function linesOf({ name, message, stack, mistakes = [], exit }: Told): string[] {
  const { red } = colorsFor(process.stderr);
  const head = exit === undefined && stack === undefined ? `fanfare: ${name}:` : 'fanfare:';
  // Each of several has a line that begins with its place, for whoever clicks on it.
  const many = mistakes.length > 1 ? [`${mistakes.length} mistakes`] : [];
  const [first, ...others] = [...many, ...withFrames(stack ?? message, mistakes)];
  return [`${red(head)} ${first}`, ...others];
}

/** A mistake in a file is followed by its line, with a caret. */
function withFrames(message: string, mistakes: readonly Mistake[]): string[] {
  const colors = colorsFor(process.stderr);
  const framed = new Map(mistakes.map((mistake) => [mistakeLine(mistake), mistake]));
  return message.split('\n').flatMap((line) => {
    const mistake = framed.get(line);
    return mistake ? [line, ...codeFrame(mistake, process.stderr.columns || 120, colors)] : [line];
  });
}

/** As a shell tells of a command that a signal ended. */
export const codeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

interface Told {
  readonly name: string;
  readonly message: string;
  readonly mistakes?: readonly Mistake[];
  /** Of what nobody foresaw. */
  readonly stack?: string;
  /** Where the name does not say it. */
  readonly exit?: number;
}

function toldOf(error: unknown): Told {
  if (error instanceof FanfareError || error instanceof JobFailed) {
    const { name, message, mistakes } = error;
    return { name, message, mistakes };
  }
  const { message } = error instanceof Error ? error : { message: String(error) };
  if (error instanceof Detached) return { name: 'Interrupted', message, exit: codeOf('SIGINT') };
  if (error instanceof Interrupted) return { name: error.name, message, exit: codeOf(error.signal) };
  if (!(error instanceof Error)) return { name: 'Error', message };
  const { name, stack } = error;
  if (error instanceof Usage) return { name, message };
  // An answer of AWS: what it says is for people, and our stack tells them nothing.
  if ('$metadata' in error) return { name, message: `AWS says: ${message}` };
  return { name, message, ...(stack !== undefined && { stack }) };
}
