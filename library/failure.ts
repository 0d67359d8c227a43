import * as z from 'zod';
import type { Mistake } from '../core/errors.ts';
import { FlowFailed } from '../local/interpreter/errors.ts';

/** A flow ended without its answer. `name` is that of what happened innermost: one of `ErrorName`, or Step Functions' own. */
export class JobFailed extends Error {
  override readonly name: string;
  /** Of those that the message tells of, the ones whose places in the specification are known. */
  readonly mistakes: readonly Mistake[];
  constructor(
    name: string,
    message: string,
    { cause, mistakes = [] }: { readonly cause?: unknown; readonly mistakes?: readonly Mistake[] } = {},
  ) {
    super(message, { cause });
    this.name = name;
    this.mistakes = mistakes;
  }
}

/** The failure of a flow as whoever asked for it is to read it, rejects by where they lie in the store; any other as it is. */
export function failureOf(error: unknown, place?: string): unknown {
  if (!(error instanceof FlowFailed)) return error;
  const failed = innermost(error.error, error.cause, error);
  if (place === undefined || failed.name !== 'TooManyRejects') return failed;
  const message = failed.message.replace(/predictions\/[^/\s]+\/rejects\/$/, (key) => `${place}/${key}`);
  return new JobFailed(failed.name, message, { cause: error });
}

const Wrapped = z.union([
  z.object({ errorType: z.string(), errorMessage: z.string() }),
  z.object({ Error: z.string(), Cause: z.string() }),
]);

/** A failure travels in the cause of the flow that it fails: the innermost one says what happened. */
function innermost(name: string, message: string, cause: FlowFailed): JobFailed {
  const inner = Wrapped.safeParse(parsedOrNull(message)).data;
  if (inner === undefined) return new JobFailed(name, message, { cause });
  return 'Error' in inner
    ? innermost(inner.Error, inner.Cause, cause)
    : new JobFailed(inner.errorType, inner.errorMessage, { cause });
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
