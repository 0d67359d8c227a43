import { constants } from 'node:os';
import { FanfareError, type Mistake, mistakeLine } from '../../core/errors.ts';
import { failureOf, JobFailed } from '../../library/failure.ts';
import { Detached } from '../../library/remote/follow.ts';
import { codeFrame } from './code-frame.ts';
import { colorsFor } from './colors.ts';

/** A signal ended the command. `resume`: the command that goes on, where there is something to go on with. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals, resume: string | undefined) {
    super(`interrupted; the same command goes on from here${resume ? `\n  or: ${resume}` : ''}`);
    this.signal = signal;
  }
}

/** One clear line on stderr: what, where, what is allowed. Answers with the exit code. */
export function reportFailure(error: unknown): number {
  if (error instanceof Detached) {
    process.stderr.write(`${error.message}\n`);
    return codeOf('SIGINT');
  }
  const { red } = colorsFor(process.stderr);
  if (error instanceof Interrupted) {
    process.stderr.write(`${red('fanfare:')} ${error.message}\n`);
    return codeOf(error.signal);
  }
  const { name, message, mistakes = [] } = toldOf(failureOf(error));
  // Each of several has a line that begins with its place, for whoever clicks on it.
  const head = mistakes.length > 1 ? [`${mistakes.length} mistakes`] : [];
  const lines = [...head, ...withFrames(message, mistakes)];
  process.stderr.write(`${red(`fanfare: ${name}:`)} ${lines.join('\n')}\n`);
  return 1;
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
}

function toldOf(error: unknown): Told {
  if (error instanceof FanfareError || error instanceof JobFailed) return error;
  // An answer of AWS: what it says is for people, and our stack tells them nothing.
  if (error instanceof Error && '$metadata' in error)
    return { name: error.name, message: `AWS says: ${error.message}` };
  return error instanceof Error
    ? { name: error.name, message: error.stack ?? error.message }
    : { name: 'Error', message: String(error) };
}
