import * as z from 'zod';
import { DriftLevel } from '../core/contracts/drift.ts';
import { keys } from '../core/contracts/keys.ts';
import type { Pending } from '../core/contracts/pending.ts';
import type { Spread, Trial } from '../core/contracts/study.ts';
import { bestTrial, frontOf, objectiveValues } from '../core/search/front.ts';
import { findConclusion, findStudy, readHistory } from '../core/search/study-folder.ts';
import { trialsOf } from '../core/search/trials.ts';
import { findObject } from '../core/steps/objects.ts';
import { listPending } from '../core/steps/pending.ts';
import type { ObjectStore } from '../core/store.ts';
import type { Engine } from './engine.ts';
import { foldersIn } from './folders.ts';
import type { Execution } from './remote/executions.ts';

/** What there is in a store. */
export interface StatusDocument {
  readonly studies: readonly StudyStatus[];
  readonly predictions: readonly PredictionStatus[];
  /** What MLflow does not have yet. */
  readonly pending: readonly Pending[];
  /** On AWS: what runs, and the latest of each flow that does not any more. */
  readonly executions?: readonly Execution[];
}

export interface StudyStatus {
  readonly study: string;
  readonly state: 'open' | 'concluded';
  /** How many trials were asked for. */
  readonly budget: number;
  readonly metric: string;
  readonly trials: readonly (Pick<Trial, 'number' | 'state' | 'reason' | 'params'> & {
    readonly rungs: number;
    /** Of the latest rung that it finished. */
    readonly value?: number;
    readonly spread?: Spread;
  })[];
  readonly best?: {
    readonly trial: number;
    readonly value: number;
    readonly spread?: Spread;
    readonly params: Trial['params'];
  };
  /** Of several objectives: the trials that no other is better than, the best by the first objective first. */
  readonly front?: readonly { readonly trial: number; readonly values: Readonly<Record<string, number>> }[];
}

export type PredictionStatus =
  | { readonly prediction: string; readonly state: 'open' }
  | {
      readonly prediction: string;
      readonly state: 'committed';
      readonly rows: number;
      readonly predicted: number;
      readonly rejected: number;
      /** Whose rejected rows it predicts; left out where it has an input of its own. */
      readonly parent?: string;
      /** Null: not known. */
      readonly drift: DriftLevel | null;
    };

/** What there is under names that begin with `prefix`. */
export async function statusOf({ store, executions }: Engine, prefix: string): Promise<StatusDocument> {
  const idsOf = async (folder: string) =>
    (await foldersIn(store, folder)).filter((id) => id.startsWith(prefix));
  const studies = await Promise.all((await idsOf('studies/')).map((id) => studyOf(store, id)));
  const predictions = await Promise.all((await idsOf('predictions/')).map((id) => predictionOf(store, id)));
  const pending = await listPending(store);
  const begun = await executions(prefix);
  return {
    studies: studies.filter((study) => study !== undefined),
    predictions,
    pending,
    ...(begun && { executions: begun }),
  };
}

/** Undefined: it is being prepared. */
async function studyOf(store: ObjectStore, id: string): Promise<StudyStatus | undefined> {
  const study = await findStudy(store, id);
  if (study === undefined) return undefined;
  const history = await readHistory(store, id);
  const concluded = (await findConclusion(store, study, history)) !== undefined;
  const trials = trialsOf(study, history, concluded);
  const best = bestTrial(study, trials);
  return {
    study: id,
    state: concluded ? 'concluded' : 'open',
    budget: study.trials,
    metric: study.metric,
    trials: trials.map(({ number, state, reason, params, rungs }) => ({
      ...{ number, state, params, rungs: rungs.length },
      ...(reason !== undefined && { reason }),
      ...(rungs.length > 0 && valueOfRung(rungs.at(-1)!)),
    })),
    ...(study.also && {
      front: frontOf(study, trials).map((trial) => ({
        trial: trial.number,
        values: objectiveValues(study, trial),
      })),
    }),
    ...(best && { best: { trial: best.number, params: best.params, ...valueOfRung(best.rungs.at(-1)!) } }),
  };
}

const valueOfRung = ({ outcome, spread }: Trial['rungs'][number]) => ({
  value: outcome.value,
  ...(spread && { spread }),
});

/** As much of a manifest as is shown: one of an earlier version has that too. */
const Shown = z.object({
  ...{ rows: z.int(), predicted: z.int(), rejected: z.int() },
  input: z.object({ kind: z.string(), parent: z.string().optional() }),
  drift: z.object({ level: DriftLevel.nullable().default(null) }).default({ level: null }),
});

async function predictionOf(store: ObjectStore, id: string): Promise<PredictionStatus> {
  const prediction = await findObject(store, keys.predictionManifest(id), Shown);
  if (!prediction) return { prediction: id, state: 'open' };
  const { rows, predicted, rejected, input, drift } = prediction;
  const parent = input.parent !== undefined && { parent: input.parent };
  return { prediction: id, state: 'committed', rows, predicted, rejected, drift: drift.level, ...parent };
}
