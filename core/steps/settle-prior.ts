import { keys } from '../contracts/keys.ts';
import { Identity } from '../contracts/names.ts';
import { Prior } from '../contracts/prior.ts';
import type { Study, StudyRecord } from '../contracts/study.ts';
import { digestOf } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { isSame } from '../json.ts';
import { unknownName } from '../nearest.ts';
import { namedStudy, studiesIn } from '../search/named-studies.ts';
import { type Design, priorTrials } from '../search/prior-trials.ts';
import { readHistory } from '../search/study-folder.ts';
import { trialsOf } from '../search/trials.ts';
import type { ObjectStore } from '../store.ts';
import { partsOf } from '../tracking/datasets.ts';
import { findObject, writeFirst } from './objects.ts';

/**
 * What a study's samplers are shown of the studies that were named. What they were at first stays, however far they have come
 * since: the same command goes on with the same study.
 */
export async function settlePrior(
  id: Identity,
  design: Design,
  names: readonly string[],
  store: ObjectStore,
): Promise<NonNullable<StudyRecord['prior']>> {
  const key = keys.prior(id);
  const before = await findObject(store, key, Prior);
  const prior = before ?? (await writeFirst(store, key, await readPrior(id, design, names, store), Prior));
  const sources = prior.sources.map((source) => ({ ...source, trials: source.trials.length }));
  return { digest: await digestOf(prior), sources };
}

async function readPrior(
  id: Identity,
  design: Design,
  names: readonly string[],
  store: ObjectStore,
): Promise<Prior> {
  // A study that is named twice, by its id and as the newest of its name, is shown once.
  const studies = new Map<string, Study>();
  for (const name of names) {
    const study = await sourceNamed(name, store);
    requireObjectives(design, study);
    studies.set(study.study, study);
  }
  const sources: Prior['sources'] = [];
  for (const study of studies.values()) sources.push(await trialsFrom(study));
  return { sources };

  async function trialsFrom(study: Study): Promise<Prior['sources'][number]> {
    const trials = trialsOf(study, await readHistory(store, study.study), false);
    const source = priorTrials(design, study, trials);
    if (source.trials.length > 0) return source;
    const why = source.leftOut.map((left) => `${left.trials} of ${trials.length}: ${left.why}`);
    throw new FanfareError(
      'InvalidSpec',
      `tune.warm_start: no trial of study ${study.study} can be shown to ${id} (${why.join('; ') || 'it has none yet'})`,
    );
  }
}

async function sourceNamed(given: string, store: ObjectStore): Promise<Study> {
  const study = await namedStudy(store, given);
  if (study) return study;
  const ids = await studiesIn(store);
  const known = Identity.safeParse(given).success ? ids : [...new Set(ids.map((each) => partsOf(each)[0]))];
  throw new FanfareError('MissingInput', unknownName('tune.warm_start: there is no study', given, known));
}

/** Of other objectives nothing is to be learnt for these. */
function requireObjectives(design: Design, source: Study): void {
  const [own, others] = [goalsOf(design), goalsOf(source)];
  if (isSame(own, others)) return;
  throw new FanfareError(
    'InvalidSpec',
    `tune.warm_start: study ${source.study} goes by ${told(others)}, this one by ${told(own)}: name studies of the same objectives`,
  );
}

type Goals = readonly { readonly metric: string; readonly direction: string }[];

const goalsOf = ({ metric, direction, also = [] }: Design): Goals => [{ metric, direction }, ...also];

const told = (objectives: Goals): string =>
  objectives.map(({ metric, direction }) => `${metric} (${direction})`).join(', ');
