import type { Conclusion } from '../contracts/conclusion.ts';
import type { Dataset } from '../contracts/records.ts';
import type { Study, Trial } from '../contracts/study.ts';
import { sideInput } from './datasets.ts';
import { findOrCreate, recordInputs, recordRun } from './runs.ts';
import { studyRun } from './study-run.ts';
import { tag } from './tags.ts';
import type { Run, RunStore } from './tracker.ts';
import { trialKey, trialRun } from './trial-run.ts';

export interface StudyRuns {
  readonly experimentId: string;
  /** The parent run. */
  readonly runId: string;
  /** The nested run of each trial, by the trial's number. */
  readonly trialRuns: Readonly<Record<number, string>>;
  /** The parent as MLflow had it, for what is to lie beside it. */
  readonly parent: Run;
}

/**
 * Makes MLflow tell the study as it stands: a parent run, and a nested one a trial. One search finds all that is there;
 * a trial that ended costs three calls once, and none later. May be repeated after any failure, by one writer at a time.
 */
export async function recordStudy(
  tracker: RunStore,
  records: {
    readonly study: Study;
    readonly trials: readonly Trial[];
    readonly dataset: Dataset | undefined;
    readonly conclusion: Conclusion | undefined;
    /** What a study that was given more trials came to before, the oldest first. */
    readonly earlier?: readonly Conclusion[];
  },
): Promise<StudyRuns> {
  const { study, trials, dataset, conclusion, earlier = [] } = records;
  const experimentId = await tracker.experiment(study.experiment);
  const found = await soleRuns(tracker, experimentId, study.study);
  const wanted = studyRun(study, trials, conclusion, earlier);
  const parent = await findOrCreate(tracker, experimentId, found.find(isParent), wanted);
  const datasets =
    dataset === undefined
      ? []
      : (['train', 'validation'] as const).flatMap((side) =>
          dataset.rows[side] === 0 ? [] : [sideInput(dataset, side)],
        );
  await recordInputs(tracker, parent, { datasets, models: [] });

  const byTrial = new Map(found.map((run) => [run.tags[tag.trial], run]));
  const trialRuns: Record<number, string> = {};
  for (const trial of trials) {
    const nested = trialRun(study, parent.id, trial);
    const run = await findOrCreate(
      tracker,
      experimentId,
      byTrial.get(trialKey(study.study, trial.number)),
      nested,
    );
    await recordRun(tracker, run, nested);
    trialRuns[trial.number] = run.id;
  }
  // Last, so that nobody sees a finished study of which trials are missing.
  await recordRun(tracker, parent, wanted);
  return { experimentId, runId: parent.id, trialRuns, parent };
}

/**
 * The study's runs, one of each. A writer that was killed may have asked for a run which MLflow made only after the next
 * writer had looked: of two that are the same, one is deleted.
 */
async function soleRuns(tracker: RunStore, experimentId: string, study: string): Promise<readonly Run[]> {
  const sole = new Map<string, Run>();
  for (const run of await tracker.searchRuns(experimentId, { [tag.study]: study })) {
    const what = run.tags[tag.trial] ?? study;
    if (sole.has(what)) await tracker.deleteRun(run.id);
    else sole.set(what, run);
  }
  return [...sole.values()];
}

const isParent = (run: Run): boolean => run.tags[tag.kind] === 'study';
