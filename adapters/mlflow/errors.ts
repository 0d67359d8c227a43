/** MLflow understood the call and refused it (4xx). `code` is its own word, for instance `RESOURCE_DOES_NOT_EXIST`. */
export class MlflowError extends Error {
  override readonly name = 'MlflowError';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The code of a 404 that is not MLflow's own: it has no such call, or is not MLflow. */
export const unknownPath = 'UNKNOWN_PATH';

/** What `found` resolves to, or undefined where MLflow says that there is no such thing. */
export async function orMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof MlflowError && error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    throw error;
  }
}
