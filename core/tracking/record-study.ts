import type { Conclusion } from '../contracts/conclusion.ts';
import type { Dataset } from '../contracts/records.ts';
import type { Study, Trial } from '../contracts/study.ts';
import { FanfareError } from '../errors.ts';
import type { Profile } from '../tables/profile.ts';
import { sideInput } from './datasets.ts';
import { findOrCreate, hasInput, recordInputs, recordRun, soleRun } from './runs.ts';
import { sideBySide } from './side-by-side.ts';
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

export type SideProfiles = Readonly<Record<'train' | 'validation', Profile>>;

export interface StudyRecords {
  readonly study: Study;
  readonly trials: readonly Trial[];
  readonly dataset: Dataset | undefined;
  /** What the dataset's sides hold. Asked for only before MLflow has heard of them. */
  readonly profiles?: () => Promise<SideProfiles | undefined>;
  readonly conclusion: Conclusion | undefined;
  /** What a study that was given more trials came to before, the oldest first. */
  readonly earlier?: readonly Conclusion[];
}

/** So many trials are recorded at once. An MLflow over sqlite answers no faster with more, and fails with 32. */
const width = 4;

/**
 * Makes MLflow tell the study as it stands: a parent run, and a nested one a trial. One search finds all that is there;
 * a trial that ended costs three calls once, and none later. May be repeated after any failure, by one writer at a time.
 * `TrackerUnavailable` when there is no `more` time before all is said: what was said stays.
 */
export async function recordStudy(
  tracker: RunStore,
  records: StudyRecords,
  more: () => boolean = () => true,
): Promise<StudyRuns> {
  const { study, trials } = records;
  const experimentId = await tracker.experiment(study.experiment);
  const found = await studyRuns(tracker, experimentId, study.study);
  const begun = studyRun(records, { experimentId, trialRuns: {} });
  const parent = await findOrCreate(tracker, experimentId, found.get(study.study), begun);
  await recordDatasets(tracker, parent, records);

  const front = records.conclusion?.front && new Set(records.conclusion.front.map(({ trial }) => trial));
  const trialRuns: Record<number, string> = {};
  await sideBySide(trials, width, async (trial) => {
    if (!more()) throw outOfTime(study, Object.keys(trialRuns).length, trials.length);
    const nested = trialRun(study, parent.id, trial, front);
    const have = found.get(trialKey(study.study, trial.number));
    const run = await findOrCreate(tracker, experimentId, have, nested);
    await recordRun(tracker, run, nested);
    trialRuns[trial.number] = run.id;
  });
  // Last, so that nobody sees a finished study of which trials are missing.
  await recordRun(tracker, parent, studyRun(records, { experimentId, trialRuns }));
  return { experimentId, runId: parent.id, trialRuns, parent };
}

/** The study's runs, one of each, by the study or the trial that they tell. */
async function studyRuns(
  tracker: RunStore,
  experimentId: string,
  study: string,
): Promise<ReadonlyMap<string, Run>> {
  const runs = await tracker.searchRuns(experimentId, { [tag.study]: study });
  const same = new Map<string, Run[]>();
  for (const run of runs) {
    const what = run.tags[tag.trial] ?? study;
    same.set(what, [...(same.get(what) ?? []), run]);
  }
  const sole = new Map<string, Run>();
  for (const [what, each] of same) sole.set(what, (await soleRun(tracker, each))!);
  return sole;
}

async function recordDatasets(tracker: RunStore, parent: Run, records: StudyRecords): Promise<void> {
  const { dataset, profiles } = records;
  if (dataset === undefined) return;
  const sides = (['train', 'validation'] as const).filter((side) => dataset.rows[side] > 0);
  if (sides.every((side) => hasInput(parent, sideInput(dataset, side)))) return;
  const held = await profiles?.();
  const datasets = sides.map((side) => sideInput(dataset, side, held?.[side]));
  await recordInputs(tracker, parent, { datasets, models: [] });
}

const outOfTime = ({ study }: Study, done: number, all: number): FanfareError =>
  new FanfareError(
    'TrackerUnavailable',
    `${done} of ${all} trials of ${study} are recorded, and the time of this call is over: the next goes on from there`,
  );
