import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import { mapCode } from '../core/code/references.ts';
import type { PredictionOnly, PredictionSpec, Spec } from '../core/contracts/spec.ts';
import { TrialCount } from '../core/contracts/tune-spec.ts';
import { FanfareError } from '../core/errors.ts';
import { candidatesOf, withCandidates } from '../core/spec/candidates.ts';
import { parsePrediction, parseSpec, readPrediction, readSpec } from '../core/spec/read.ts';
import { modelSource } from '../core/tracking/model-source.ts';

/** A specification as a person writes it, in YAML or in TypeScript. `schema/fanfare.schema.json` says what each key means. */
export type SpecInput = z.input<typeof Spec>;
/** One of predictions alone: it needs no `tune`, and a `target` only to be scored. */
export type PredictionInput = z.input<typeof PredictionOnly>;

/**
 * A specification from a YAML file or an object, its tables and user code named by absolute paths: relative ones are seen
 * from the file's folder or, in an object, from the current one. `InvalidSpec` names every mistake with its place, `MissingInput` a file
 * that is not there.
 */
export const loadSpec = async (given: string | SpecInput): Promise<Spec> =>
  typeof given === 'string'
    ? located(readSpec(await textOf(given), given), dirname(given))
    : located(parseSpec(given), '.');

/** With so many trials in place of its own. */
export function withTrials(spec: Spec, trials: number | undefined): Spec {
  if (trials === undefined) return spec;
  const count = TrialCount.safeParse(trials);
  if (count.success) return { ...spec, tune: { ...spec.tune, trials: count.data } };
  throw new FanfareError('InvalidSpec', `trials: use a whole number from 1 to 100,000 (given: ${trials})`);
}

/** The same of what is asked for a prediction. */
export const loadPrediction = async (given: string | SpecInput | PredictionInput): Promise<PredictionSpec> =>
  typeof given === 'string'
    ? located(readPrediction(await textOf(given), given), dirname(given))
    : located(parsePrediction(given), '.');

/** Whether a path is one of a specification, where it might be a table's. */
export const isSpec = (given: unknown): boolean => typeof given !== 'string' || /\.ya?ml$/.test(given);

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new FanfareError('MissingInput', `specification ${file}: ${why}`, { cause });
  });

function located<S extends Spec | PredictionSpec>(spec: S, folder: string): Promise<S> {
  const placed = <T extends { readonly path: string }>(table: T): T => ({
    ...table,
    path: /^[a-z0-9]+:\/\//.test(table.path) ? table.path : resolve(folder, table.path),
  });
  const { table, model } = spec.predict;
  const isFile = model !== undefined && modelSource(model).kind === 'file';
  const tables = {
    ...spec,
    table: placed(spec.table),
    predict: {
      ...spec.predict,
      ...(table && { table: placed(table) }),
      ...(isFile && { model: resolve(folder, model) }),
    },
  };
  const isHere = (given: string) => modelSource(given).kind === 'file';
  const candidates = candidatesOf(spec).map((given) => (isHere(given) ? resolve(folder, given) : given));
  return mapCode(withCandidates(tables, candidates), (reference) =>
    /^(code|python):/.test(reference) ? reference : resolve(folder, reference),
  );
}
