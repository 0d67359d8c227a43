import { readSpec } from '../../core/spec/read.ts';

/** The message with which a specification is refused. */
export function refusal(text: string): string {
  try {
    readSpec(text, 'flights.yaml');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the specification was taken');
}
