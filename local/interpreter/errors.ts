/** A state's failure as Amazon States Language knows it: a name that Retry and Catch match, and a text for people. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly error: string;
  override readonly cause: string;
  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

/** The execution of a flow failed: with the error and cause that Step Functions would show for it. */
export class FlowFailed extends Error {
  override readonly name = 'FlowFailed';
  readonly error: string;
  override readonly cause: string;
  constructor(flow: string, error: string, cause: string) {
    super(`flow ${flow} failed: ${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

/** Why work was given up although it did not fail itself: a sibling failed, or the caller lost interest. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** What the author of a flow wrote and cannot be meant; the loader adds where it stands. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export const runtimeError = (cause: string): TaskError => new TaskError('States.Runtime', cause);
