import { join, resolve } from 'node:path';
import { fileStore } from '../adapters/files/file-store.ts';
import { keys } from '../core/contracts/keys.ts';
import { Prediction } from '../core/contracts/records.ts';
import { Conclusion, Study } from '../core/contracts/study.ts';
import { bestTrial, latestValue, trialsOf } from '../core/search/history.ts';
import { readHistory } from '../core/search/study-folder.ts';
import { findObject, readObject } from '../core/steps/objects.ts';
import { listPending } from '../core/steps/pending.ts';
import type { ObjectStore } from '../core/store.ts';
import { count, decimals, print } from './output/print.ts';
import { command, type Options } from './session.ts';

export const statusCommand = command(
  'status',
  'what there is: studies, predictions, and what MLflow does not have yet',
)
  .argument('[name]', 'only what begins with this')
  .action(async (name: string | undefined, options: Options) => {
    const store = fileStore(join(resolve(options.home), 'store'));
    const wanted = (id: string) => id.startsWith(name ?? '');
    const studies = await Promise.all(
      (await idsIn(store, 'studies/')).filter(wanted).map((id) => studyOf(store, id)),
    );
    const jobs = await Promise.all(
      (await idsIn(store, 'predictions/')).filter(wanted).map((id) => jobOf(store, id)),
    );
    const pending = await listPending(store);
    print(options.json, { studies, predictions: jobs, pending }, [
      ...studies.map(
        (study) =>
          `${study.study}  ${study.state}  ${study.trials.length} of ${study.budget} trials${study.best ? `, best ${study.metric} ${decimals(study.best.value)} (trial ${study.best.trial})` : ''}`,
      ),
      ...jobs.map(
        (job) =>
          `${job.prediction}  ${job.state}  ${job.state === 'committed' ? `${count(job.predicted)} of ${count(job.rows)} rows` : ''}`,
      ),
      ...(pending.length > 0 ? [`${pending.length} records wait for MLflow: fanfare sync`] : []),
      ...(studies.length + jobs.length === 0
        ? [`nothing${name ? ` named ${name}…` : ''} in ${options.home}`]
        : []),
    ]);
  });

async function studyOf(store: ObjectStore, id: string) {
  const study = await readObject(store, keys.studyRecord(id), Study);
  const concluded = (await findObject(store, keys.conclusion(id), Conclusion)) !== undefined;
  const trials = trialsOf(study, await readHistory(store, id, new Map()), concluded);
  const best = bestTrial(study, trials);
  return {
    study: id,
    state: concluded ? ('concluded' as const) : ('open' as const),
    budget: study.trials,
    metric: study.metric,
    trials: trials.map(({ number, state, params, rungs }) => ({
      number,
      state,
      params,
      rungs: rungs.length,
    })),
    best: best && { trial: best.number, value: latestValue(best), params: best.params },
  };
}

async function jobOf(store: ObjectStore, id: string) {
  const prediction = await findObject(store, keys.predictionManifest(id), Prediction);
  if (!prediction) return { prediction: id, state: 'open' as const };
  const { rows, predicted, rejected } = prediction;
  return { prediction: id, state: 'committed' as const, rows, predicted, rejected };
}

/** The folders right below a prefix. */
async function idsIn(store: ObjectStore, prefix: string): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { key } of store.list(prefix)) ids.add(key.slice(prefix.length).split('/')[0]!);
  return [...ids];
}
