import * as z from 'zod';
import { type FlowName, type FunctionName, flows } from '../core/contracts/functions.ts';
import { TellRequest } from '../core/contracts/requests.ts';
import type { Outcome } from '../core/contracts/study.ts';
import { StudyRecord } from '../core/contracts/study.ts';
import type { Json } from '../core/json.ts';
import type { History } from '../core/search/history.ts';
import type { FlowEvent } from '../local/interpreter/engine.ts';
import { countShards, countTrials } from './count-progress.ts';
import type { Job } from './engine.ts';

/** A flow within a job: a pipeline splits, tunes and predicts. */
export type Stage = Exclude<FlowName, 'pipeline'>;

/** What is told while a job runs. */
export type Progress =
  /** The job can be given up from here on: `resume(name)` goes on with it. */
  | { readonly kind: 'job'; readonly command: FlowName; readonly name: string }
  | { readonly kind: 'stage-started'; readonly stage: Stage }
  | { readonly kind: 'stage-done'; readonly stage: Stage; readonly seconds: number }
  | ({ readonly kind: 'shards' } & ShardProgress)
  | ({ readonly kind: 'trials' } & TrialProgress)
  /** A trial came to the end of a rung, or failed on the way. */
  | {
      readonly kind: 'rung';
      readonly trial: number;
      readonly rung: number;
      readonly fold?: number;
      readonly outcome: Outcome;
    }
  | { readonly kind: 'note'; readonly line: string };

export interface ShardProgress {
  readonly stage: Stage;
  readonly done: number;
  readonly total: number;
  /** Rows that this run wrote or predicted so far; null: not told (on AWS). */
  readonly rows: number | null;
  readonly rowsPerSecond: number | null;
  /** As long as the shards that are left take at the pace of those that were done; null: too early to say. */
  readonly secondsLeft: number | null;
}

export interface TrialProgress {
  readonly total: number;
  readonly begun: number;
  /** Trials that came to the end of their first rung, with folds on the first of them, or failed. */
  readonly tried: number;
  readonly failed: number;
  /** Rungs trained, of all trials, on all of their folds. */
  readonly rungs: number;
  readonly best: { readonly value: number; readonly trial: number; readonly rung: number } | null;
  /** As above, of trials; null as well when all were tried and only promoted ones go on. */
  readonly secondsLeft: number | null;
}

/** What an engine tells while a flow runs. */
export interface Reporter {
  readonly onEvent: (event: FlowEvent) => void;
  readonly onAnswer: (name: FunctionName, request: Json, answer: Json) => void;
  /** A line for whoever waits. */
  readonly note: (line: string) => void;
}

export interface ProgressTracker extends Reporter {
  begin(job: Job): void;
  /** Seconds that each flow of the job took, nested ones included. */
  seconds(): Readonly<Record<string, number>>;
}

interface World {
  readonly tell: (progress: Progress) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What a study had before, so that one which goes on is counted whole. */
  readonly historyOf: (study: string) => Promise<History>;
  /** The shards of a job that are done. */
  readonly doneOf: (job: string) => Promise<ReadonlySet<number>>;
}

/** Answers, as far as they tell how far a job is. */
const Refit = z.object({ next: z.literal('refit') });
const Prepared = z.object({
  study: z.string(),
  next: z.literal('lanes'),
  direction: StudyRecord.shape.direction,
});
const Claimed = z.object({ trial: z.int(), rung: z.int(), fold: z.int().exactOptional() });
const Planned = z.object({ job: z.string() });
const Done = z.object({ shard: z.int(), rows: z.int() });
/** Of a shard that is not done, but has rows. */
const Continued = z.object({ next: z.literal('continue') });

/** Turns what an engine tells into progress, job after job. */
export function trackProgress({ tell, now, historyOf, doneOf }: World): ProgressTracker {
  const began = new Map<Stage, number>();
  const took = new Map<Stage, number>();
  let trials = countTrials(0);
  let before: Set<number> = new Set();
  let shards = countShards('split', 0, before);

  const elapsed = (stage: Stage) => (now() - (began.get(stage) ?? now())) / 1000;
  const tellTrials = () => tell({ kind: 'trials', ...trials.after(elapsed('tune')) });
  const tellShards = () => tell({ kind: 'shards', ...shards.after(elapsed(shards.stage)) });

  function onStage(stage: Stage, event: FlowEvent): void {
    switch (event.kind) {
      case 'started':
        began.set(stage, event.at);
        tell({ kind: 'stage-started', stage });
        return;
      case 'succeeded': {
        const seconds = (event.at - (began.get(stage) ?? event.at)) / 1000;
        took.set(stage, (took.get(stage) ?? 0) + seconds);
        tell({ kind: 'stage-done', stage, seconds });
        return;
      }
      case 'map-started':
        shards = countShards(stage, event.items, before);
        break;
      case 'item-done':
        shards.end();
        break;
      default:
        return;
    }
    // The lanes of a study are a Map as well, and no shards.
    if (stage !== 'tune') tellShards();
  }

  /** A job that goes on finds shards done. */
  function onPlanned(job: string): void {
    const found = new Set<number>();
    before = found;
    doneOf(job).then(
      (done) => {
        for (const shard of done) found.add(shard);
      },
      () => {},
    );
  }

  /** A study that goes on is counted whole. One that cannot be read now will be told of by its outcomes. */
  function onPrepared({ study, direction }: z.infer<typeof Prepared>): void {
    const counted = trials;
    counted.seek(direction);
    const resume = (history: History) => {
      counted.resume(history);
      tellTrials();
    };
    historyOf(study).then(resume, () => {});
  }

  function onTold(request: Json, leg: z.infer<typeof Claimed>): void {
    const outcome = TellRequest.safeParse(request).data?.outcome;
    if (outcome === undefined) return;
    trials.end(leg, outcome);
    tell({ kind: 'rung', ...leg, outcome });
    tellTrials();
  }

  return {
    begin({ command, spec }) {
      took.clear();
      if ('tune' in spec) trials = countTrials(spec.tune.trials, spec.split.folds);
      tell({ kind: 'job', command, name: spec.name });
    },
    onEvent(event) {
      if (event.kind === 'state-retried') {
        tell({ kind: 'note', line: `${event.flow}: ${event.state} failed and is tried again` });
      }
      const stage = flows.find((name) => name === event.flow);
      if (stage !== undefined && stage !== 'pipeline') onStage(stage, event);
    },
    onAnswer(name, request, answer) {
      const claim = Claimed.safeParse(answer).data;
      const prepared = Prepared.safeParse(answer).data;
      if (name === 'prepare-study' && prepared !== undefined) onPrepared(prepared);
      if (name === 'conclude-study' && Refit.safeParse(answer).success)
        tell({
          kind: 'note',
          line: 'tune: the best trial is trained once more, on all rows but the test side',
        });
      if (name === 'tell' && claim !== undefined) onTold(request, claim);
      if (name === 'ask' && claim !== undefined) {
        trials.begin(claim.trial);
        tellTrials();
      }
      const job = Planned.safeParse(answer).data?.job;
      if (name.startsWith('plan-') && job !== undefined) onPlanned(job);
      const done = Done.safeParse(answer).data;
      if (name.endsWith('-shard') && done !== undefined) {
        shards.answered(done.shard, done.rows);
        if (Continued.safeParse(answer).success) tellShards();
      }
    },
    note: (line) => tell({ kind: 'note', line }),
    seconds: () =>
      Object.fromEntries([...took].map(([stage, seconds]) => [stage, Math.round(seconds * 10) / 10])),
  };
}
