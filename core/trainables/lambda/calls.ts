/** How trainables that are functions of their own are reached. */
export interface TrainableCalls {
  /** Where such a function finds the object of that key. */
  uri(key: string): string;
  /**
   * The answer of `arn:…` (a Lambda function) or `python:<digest>` (a file in the store). `TrainableFailed` for what it throws
   * or dies of, `InvalidSpec` where it cannot be called from here.
   */
  call(reference: string, request: object): Promise<unknown>;
}
