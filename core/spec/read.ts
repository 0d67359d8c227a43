import type * as z from 'zod';
import { PredictionOnly, type PredictionSpec, Spec } from '../contracts/spec.ts';
import { isRecord } from '../contracts/written.ts';
import { FanfareError, type Mistake, mistakeLine } from '../errors.ts';
import { specSource } from './source.ts';

type Issue = z.core.$ZodIssue;

/** Reads a specification in YAML (or JSON). Every mistake is named with its line and column, in one `InvalidSpec`. */
export const readSpec = (text: string, file: string): Spec => readBy(() => Spec, text, file);

/** The same of what is asked for a prediction: one that says nothing of a search needs nothing that goes with it. */
export const readPrediction = (text: string, file: string): PredictionSpec =>
  readBy(predictionContract, text, file);

/** Reads a specification that is an object already. Every mistake is named with its place, in one `InvalidSpec`. */
export const parseSpec = (given: unknown): Spec => parseBy(Spec, given, 'specification');

export const parsePrediction = (given: unknown): PredictionSpec =>
  parseBy(predictionContract(given), given, 'specification');

const predictionContract = (written: unknown): z.ZodType<PredictionSpec> =>
  isRecord(written) && ('tune' in written || 'split' in written) ? Spec : PredictionOnly;

function readBy<S>(contractOf: (written: unknown) => z.ZodType<S>, text: string, file: string): S {
  const { written, broken, mistakeAt } = specSource(text, file);
  if (broken.length > 0) throw invalid(broken);
  const parsed = contractOf(written).safeParse(written);
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.map((issue) => {
      const path = pathOf(issue);
      return issue.code === 'unrecognized_keys'
        ? mistakeAt([...path, issue.keys[0]!], told(issue), 'key')
        : mistakeAt(path, told(issue));
    }),
  );
}

/** In the order of their lines. */
function invalid(found: readonly Mistake[]): FanfareError {
  const mistakes = found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return new FanfareError('InvalidSpec', mistakes.map(mistakeLine).join('\n'), { mistakes });
}

/** Reads an object, which messages call by `name`. Every mistake is named with its place, in one `InvalidSpec`. */
export function parseBy<S>(contract: z.ZodType<S>, given: unknown, name: string): S {
  const parsed = contract.safeParse(given);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `${name}: ${told(issue)}`);
  throw new FanfareError('InvalidSpec', mistakes.join('\n'));
}

const told = (issue: Issue): string =>
  [...[pathOf(issue).join('.') || []].flat(), messageOf(issue)].join(': ');

/** Of what was not written at all zod says that it is undefined, which nobody wrote. */
const messageOf = ({ message }: Issue): string =>
  message.replace(/^Invalid input: expected (.*), received undefined$/, 'is missing (expected: $1)');

const pathOf = ({ path }: Issue): (string | number)[] => path.filter((part) => typeof part !== 'symbol');
