import pc from 'picocolors';
import * as z from 'zod';
import { FanfareError } from '../../core/errors.ts';
import { FlowFailed } from '../../local/interpreter/errors.ts';
import { Detached } from '../remote/follow.ts';

/** One clear line on stderr: what, where, what is allowed. Answers with the exit code. */
export function reportFailure(error: unknown): number {
  if (error instanceof Detached) {
    process.stderr.write(`${error.message}\n`);
    return 130;
  }
  const { name, message } = failureOf(error);
  process.stderr.write(`${pc.red(`fanfare: ${name}:`)} ${message}\n`);
  return 1;
}

function failureOf(error: unknown): { readonly name: string; readonly message: string } {
  if (error instanceof FlowFailed) return innermost(error.error, error.cause);
  if (error instanceof FanfareError) return { name: error.name, message: error.message };
  // An answer of AWS: what it says is for people, and our stack tells them nothing.
  if (error instanceof Error && '$metadata' in error)
    return { name: error.name, message: `AWS says: ${error.message}` };
  return error instanceof Error
    ? { name: error.name, message: error.stack ?? error.message }
    : { name: 'Error', message: String(error) };
}

const Wrapped = z.union([
  z.object({ errorType: z.string(), errorMessage: z.string() }),
  z.object({ Error: z.string(), Cause: z.string() }),
]);

/** A failure travels in the cause of the flow that it fails: the innermost one says what happened. */
function innermost(name: string, message: string): { readonly name: string; readonly message: string } {
  const inner = Wrapped.safeParse(parsedOrNull(message)).data;
  if (inner === undefined) return { name, message };
  return 'Error' in inner
    ? innermost(inner.Error, inner.Cause)
    : { name: inner.errorType, message: inner.errorMessage };
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
