/** What Lambda tells of an error that a function threw or died of. */
interface Failure {
  readonly errorType?: string;
  readonly errorMessage?: string;
  readonly stackTrace?: readonly string[];
}

/** `ValueError: too few rows (handler.py:33)`: with the innermost line of the user's own Python. */
export function failureText(failure: object): string {
  const { errorType, errorMessage, stackTrace = [] } = failure as Failure;
  const places = stackTrace.flatMap((line) => [...line.matchAll(/File "([^"]+)", line (\d+)/g)]);
  const own = places.findLast(([, file]) => !/site-packages|fanfare_trainable\.py/.test(file!));
  const where = own ? ` (${own[1]!.split('/').at(-1)}:${own[2]})` : '';
  return `${errorType ? `${errorType}: ` : ''}${errorMessage}${where}`;
}
