import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileStore } from '../../adapters/files/file-store.ts';
import { Conclusion } from '../../core/contracts/conclusion.ts';
import { keys } from '../../core/contracts/keys.ts';
import type { UploadAnswer } from '../../core/contracts/uploads.ts';
import { sha256 } from '../../core/digest.ts';
import { readAll } from '../../core/steps/objects.ts';
import { decodeJson, type ObjectStore } from '../../core/store.ts';
import { type Desk, documentOf, type Ended as EndedCommand } from './cli.ts';
import type { Deployed } from './deployed.ts';
import { childrenOf } from './processes.ts';
import type { Scenario } from './scenarios.ts';

/** How a scenario ended, in words that are the same on every engine. */
export type Ended =
  | { readonly kind: 'done'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly reason: string };

/** What both the command's document and an execution's output say, as far as we compare it. */
export interface Answer {
  readonly study: string | undefined;
  readonly prediction: string;
  readonly rows: number;
  readonly predicted: number;
  readonly rejected: number;
  readonly metrics: Readonly<Record<string, unknown>> | undefined;
}

export interface Engine {
  readonly name: string;
  /** The registered model of this engine's own. */
  readonly model: string;
  start(scenario: Scenario): Promise<Run>;
}

export interface Run {
  readonly ended: Promise<Ended>;
  readonly store: ObjectStore;
  /** Processes that run a function at this time; undefined where they are in containers. */
  workers(name: string): Promise<readonly number[]> | undefined;
  /** Whether an invocation of a training was lost by now. */
  lost(): Promise<boolean>;
}

/** The command as it is shipped, over files below a desk. */
export function localEngine(desk: Desk, mlflow: string): Engine {
  const store = fileStore(join(desk.home, 'store'));
  return {
    name: 'local',
    model: 'colors-local',
    start: async ({ flow, files, spec }) => {
      for (const [key, content] of Object.entries(files)) {
        await mkdir(dirname(desk.path(key)), { recursive: true });
        await writeFile(desk.path(key), content);
      }
      const running = desk.start([flow, desk.path(spec), '--json'], { MLFLOW_TRACKING_URI: mlflow });
      return {
        store,
        ended: running.ended.then(localEnd),
        workers: async (name) =>
          (await childrenOf(running.child.pid ?? 0))
            .filter(({ command }) => command.includes(`${name}.mjs`))
            .map(({ pid }) => pid),
        lost: async () => running.said().stderr.includes('Train failed and is tried again'),
      };
    },
  };
}

interface Document {
  readonly tune?: { readonly study: string };
  readonly predict: Omit<Answer, 'study' | 'metrics'>;
  readonly evaluation?: Readonly<Record<string, unknown>>;
}

function localEnd(ended: EndedCommand): Ended {
  if (ended.code !== 0) return { kind: 'failed', reason: ended.stderr };
  const { tune, predict, evaluation } = documentOf(ended) as Document;
  const { champion: _, metric: _metric, ...metrics } = evaluation ?? {};
  return { kind: 'done', answer: { ...predict, study: tune?.study, metrics: evaluation && metrics } };
}

/** A deployed stack, over objects that are uploaded. */
export function stackEngine(stack: Deployed): Engine {
  const { store } = stack;
  return {
    name: stack.name,
    model: 'colors-stack',
    start: async (scenario) => {
      const { files, upload, spec } = scenario;
      for (const [key, content] of Object.entries(files)) {
        if (key !== upload && key !== spec) await stack.put(key, content);
      }
      await stack.put(upload, files[upload] ?? '');
      return {
        store,
        ended: stackEnd(stack, scenario),
        workers: stack.workers,
        // MiniStack names every error alike, so that no Retry knows it: the trial is lost, and told so.
        lost: async () => (await trialsIn(store, scenario.name)).some(({ model }) => model === undefined),
      };
    },
  };
}

/** Waits until the execution that the upload started is over, or the upload is answered. */
async function stackEnd(stack: Deployed, { flow, name, upload }: Scenario): Promise<Ended> {
  for (;;) {
    const [execution] = await stack.executions.list(flow, `${name}-`, 'all');
    const now = execution && (await stack.executions.describe(flow, execution.name));
    if (now?.state === 'succeeded')
      return { kind: 'done', answer: answerOf(now.output as unknown as Output) };
    if (now && now.state !== 'running') return { kind: 'failed', reason: `${now.error}: ${now.cause}` };
    const refusal = await stack.store.get(`${upload}.error.json`);
    if (refusal) {
      const { error, mistakes } = decodeJson(refusal.body) as UploadAnswer;
      return { kind: 'failed', reason: `${error}: ${mistakes.join('\n')}` };
    }
    await sleep(200);
  }
}

interface Output extends Omit<Answer, 'study' | 'metrics'> {
  readonly tune?: { readonly study: string };
  readonly predict?: Omit<Answer, 'study' | 'metrics'>;
  readonly evaluation?: { readonly metrics: Readonly<Record<string, unknown>> };
}

function answerOf(output: Output): Answer {
  const { prediction, rows, predicted, rejected } = output.predict ?? output;
  return {
    study: output.tune?.study,
    prediction,
    rows,
    predicted,
    rejected,
    metrics: output.evaluation?.metrics,
  };
}

/** How a trial ended; `model` is the digest of the ONNX file, undefined where training was lost. */
export interface ToldTrial {
  readonly trial: number;
  readonly params: unknown;
  readonly value: number | undefined;
  readonly reports: unknown;
  readonly model: string | undefined;
}

interface Event {
  readonly trial: number;
  readonly params: unknown;
  readonly outcome: {
    readonly value?: number;
    readonly reports?: unknown;
    readonly model?: { readonly digest: string };
  };
}

/** The trials of the studies whose ids begin so, by their numbers. */
export async function trialsIn(store: ObjectStore, study: string): Promise<readonly ToldTrial[]> {
  const found: ToldTrial[] = [];
  for await (const { key } of store.list(`studies/${study}`)) {
    const object = key.includes('/events/') ? await store.get(key) : undefined;
    if (object === undefined) continue;
    const { trial, params, outcome } = decodeJson(object.body) as Event;
    const { value, reports, model } = outcome;
    found.push({ trial, params, value, reports, model: model?.digest });
  }
  return found.toSorted((a, b) => a.trial - b.trial);
}

/** What the study came to last. */
export async function conclusionIn(store: ObjectStore, study: string): Promise<Conclusion> {
  const all = await readAll(store, keys.conclusions(study), Conclusion);
  return all.at(-1)!;
}

/** SHA-256 of every file of a prediction that holds rows, by its name. */
export async function partsOf(store: ObjectStore, prediction: string): Promise<Record<string, string>> {
  const folder = `predictions/${prediction}/`;
  const digests: Record<string, string> = {};
  for await (const { key } of store.list(folder)) {
    if (!/^(part-|scores\/)/.test(key.slice(folder.length))) continue;
    const object = await store.get(key);
    if (object) digests[key.slice(folder.length)] = await sha256(object.body);
  }
  return digests;
}

/** Kills every process that trains, once one does. */
export async function killTraining({ store, workers, lost, ended }: Run, study: string): Promise<void> {
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  while (!over && !(await lost())) {
    const begun = await countBelow(store, study, '/claims/');
    const told = await countBelow(store, study, '/events/');
    // Asking for a trial and beginning to train it take a moment; training takes seconds.
    await sleep(200);
    if (begun === told) continue;
    for (const pid of (await workers('train')) ?? []) process.kill(pid, 'SIGKILL');
    // Not again before it is known what that hit.
    while (!over && !(await lost()) && (await countBelow(store, study, '/events/')) === told)
      await sleep(100);
  }
}

async function countBelow(store: Run['store'], study: string, part: string): Promise<number> {
  let count = 0;
  for await (const { key } of store.list(`studies/${study}`)) if (key.includes(part)) count++;
  return count;
}
