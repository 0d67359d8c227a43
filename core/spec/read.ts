import { LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import { PredictionOnly, type PredictionSpec, Spec } from '../contracts/spec.ts';
import { isRecord } from '../contracts/written.ts';
import { FanfareError } from '../errors.ts';

type Issue = z.core.$ZodIssue;

/** Reads a specification in YAML (or JSON). Every mistake is named with its line, in one `InvalidSpec`. */
export const readSpec = (text: string, file: string): Spec => readBy(() => Spec, text, file);

/** The same of what is asked for a prediction: one that says nothing of a search needs nothing that goes with it. */
export const readPrediction = (text: string, file: string): PredictionSpec =>
  readBy(predictionContract, text, file);

/** Reads a specification that is an object already. Every mistake is named with its place, in one `InvalidSpec`. */
export const parseSpec = (given: unknown): Spec => parseBy(Spec, given);

export const parsePrediction = (given: unknown): PredictionSpec => parseBy(predictionContract(given), given);

const predictionContract = (written: unknown): z.ZodType<PredictionSpec> =>
  isRecord(written) && ('tune' in written || 'split' in written) ? Spec : PredictionOnly;

function readBy<S>(contractOf: (written: unknown) => z.ZodType<S>, text: string, file: string): S {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new FanfareError('InvalidSpec', `${file}:${line}: ${broken.message.split('\n')[0]}`);
  }
  const written: unknown = document.toJS();
  const parsed = contractOf(written).safeParse(written);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => {
    const path = pathOf(issue);
    const at = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0]!] : path;
    return `${file}:${lineOf(at)}: ${told(issue)}`;
  });
  throw new FanfareError('InvalidSpec', mistakes.join('\n'));

  /** The line of the deepest node on the way to the mistake: a missing key has its parent's. */
  function lineOf(path: readonly (string | number)[]): number {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isRanged(node)) return lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

function parseBy<S>(contract: z.ZodType<S>, given: unknown): S {
  const parsed = contract.safeParse(given);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `specification: ${told(issue)}`);
  throw new FanfareError('InvalidSpec', mistakes.join('\n'));
}

const told = (issue: Issue): string => [...[pathOf(issue).join('.') || []].flat(), issue.message].join(': ');

const pathOf = ({ path }: Issue): (string | number)[] => path.filter((part) => typeof part !== 'symbol');

const isRanged = (node: unknown): node is { readonly range: readonly [number, number, number] } =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
