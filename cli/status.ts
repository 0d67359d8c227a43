import { join, resolve } from 'node:path';
import { fileStore } from '../adapters/files/file-store.ts';
import { flows } from '../core/contracts/functions.ts';
import { keys } from '../core/contracts/keys.ts';
import { Prediction } from '../core/contracts/records.ts';
import { Conclusion, Study } from '../core/contracts/study.ts';
import { bestTrial, latestValue, trialsOf } from '../core/search/history.ts';
import { readHistory } from '../core/search/study-folder.ts';
import { findObject, readObject } from '../core/steps/objects.ts';
import { listPending } from '../core/steps/pending.ts';
import type { ObjectStore } from '../core/store.ts';
import { count, decimals, print } from './output/print.ts';
import { openRemote } from './remote/engine.ts';
import type { Execution } from './remote/executions.ts';
import { command, type Options, root } from './session.ts';

export const statusCommand = command(
  'status',
  'what there is: studies, predictions, and what MLflow does not have yet',
)
  .argument('[name]', 'only what begins with this')
  .action(async (name: string | undefined, options: Options) => {
    const { store, executions, place, close } = await openPlace(options);
    const wanted = (id: string) => id.startsWith(name ?? '');
    const studies = await Promise.all(
      (await idsIn(store, 'studies/')).filter(wanted).map((id) => studyOf(store, id)),
    );
    const jobs = await Promise.all(
      (await idsIn(store, 'predictions/')).filter(wanted).map((id) => jobOf(store, id)),
    );
    const pending = await listPending(store);
    const begun = await executions(name ?? '');
    await close();
    print(options.json, { studies, predictions: jobs, pending, ...(begun && { executions: begun }) }, [
      ...(begun ?? []).map(
        ({ flow, name: execution, state, startedAt }) =>
          `${execution}  ${flow} ${state}  since ${new Date(startedAt).toISOString()}`,
      ),
      ...studies.map(
        (study) =>
          `${study.study}  ${study.state}  ${study.trials.length} of ${study.budget} trials${study.best ? `, best ${study.metric} ${decimals(study.best.value)} (trial ${study.best.trial})` : ''}`,
      ),
      ...jobs.map(
        (job) =>
          `${job.prediction}  ${job.state}  ${job.state === 'committed' ? `${count(job.predicted)} of ${count(job.rows)} rows` : ''}`,
      ),
      ...(pending.length > 0
        ? [`${pending.length} records wait for MLflow${begun ? '; the stack sends them' : ': fanfare sync'}`]
        : []),
      ...(studies.length + jobs.length + (begun?.length ?? 0) === 0
        ? [`nothing${name ? ` named ${name}…` : ''} in ${place}`]
        : []),
    ]);
  });

/** What runs, and the latest of each flow that does not any more. */
const shownExecutions = 5;

interface Place {
  readonly store: ObjectStore;
  readonly place: string;
  /** Undefined on this machine, where nothing outlives its command. */
  executions(prefix: string): Promise<readonly Execution[] | undefined>;
  close(): Promise<void>;
}

async function openPlace({ engine, stack, home }: Options): Promise<Place> {
  if (engine === 'local') {
    const store = fileStore(join(resolve(home), 'store'));
    return { store, place: home, executions: async () => undefined, close: async () => {} };
  }
  const { signal } = new AbortController();
  const ignored = () => {};
  const progress = { onEvent: ignored, onAnswer: ignored, note: ignored };
  const remote = await openRemote({ stack, root, progress, signal });
  return {
    store: remote.store,
    place: remote.place,
    executions: async (prefix) => {
      const all = await Promise.all(flows.map((flow) => remote.executions.list(flow, prefix, 'all')));
      return all.flatMap((one) =>
        one.filter(({ state }, index) => state === 'running' || index < shownExecutions),
      );
    },
    close: () => remote.close(),
  };
}

async function studyOf(store: ObjectStore, id: string) {
  const study = await readObject(store, keys.studyRecord(id), Study);
  const concluded = (await findObject(store, keys.conclusion(id), Conclusion)) !== undefined;
  const trials = trialsOf(study, await readHistory(store, id), concluded);
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
