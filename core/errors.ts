/**
 * The names that errors carry across a flow. They are strings, since a minifier renames classes and ASL matches text.
 *
 * - `InvalidSpec`: the specification says something that cannot be meant.
 * - `MissingInput`: a file, object, column or model that was named is not there.
 * - `BadTable`: the table's bytes are not what its format or schema promises.
 * - `BadModel`: the model's bytes are no ONNX file, or one that cannot be run here.
 * - `TrainableFailed`: a trial's own code or mathematics failed; the trial is lost, the study goes on.
 * - `UserCodeFailed`: a mapping of the user's threw, or gave what it may not; the message names its file and line.
 * - `StudyFailed`: no trial of the study gave a value.
 * - `ShardTooLarge`: a function outlasted its time or memory with ever fewer rows at a time; what was done is kept.
 * - `TooManyRejects`: a job rejected more than its tolerance allows, or could not account for a row.
 * - `StoreFailed`: the place where objects live is full, or an object there is not what was written; the same command
 *   goes on once that is mended.
 * - `AlreadyRunning`: another command works under that name, and would do something else.
 * - `TrackerUnavailable`: MLflow did not answer, or answered that it cannot now.
 */
export type ErrorName =
  | 'InvalidSpec'
  | 'MissingInput'
  | 'BadTable'
  | 'BadModel'
  | 'TrainableFailed'
  | 'UserCodeFailed'
  | 'StudyFailed'
  | 'ShardTooLarge'
  | 'TooManyRejects'
  | 'StoreFailed'
  | 'AlreadyRunning'
  | 'TrackerUnavailable';

/** A place in a specification, and what is wrong there. Lines and columns count from 1. */
export interface Mistake {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** So many characters of the line, from the column. */
  readonly length: number;
  /** The whole line. */
  readonly text: string;
  readonly message: string;
}

/** As editors and terminals take it: `flights.yaml:6:3: tune: unknown key "trails"`. */
export const mistakeLine = ({ file, line, column, message }: Mistake): string =>
  `${file}:${line}:${column}: ${message}`;

/** An error for the person who reads it: the message says what, where, what was given and what is allowed. */
export class FanfareError extends Error {
  override readonly name: ErrorName;
  /** Of those that the message tells of, a line each, the ones whose places are known. */
  readonly mistakes: readonly Mistake[];
  constructor(
    name: ErrorName,
    message: string,
    { cause, mistakes = [] }: { readonly cause?: unknown; readonly mistakes?: readonly Mistake[] } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.name = name;
    this.mistakes = mistakes;
  }
}
