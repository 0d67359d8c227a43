import { createLogUpdate } from 'log-update';
import { messageOf } from '../../core/steps/job.ts';
import type { Progress, ShardProgress, Stage, TrialProgress } from '../../library/progress.ts';
import { colorsFor, isLive } from './colors.ts';
import { duration, liveLine, pace } from './live-line.ts';

/** What a person sees of a job while it runs. */
export interface ProgressView {
  show(progress: Progress): void;
  /** The job that can be resumed by its name, once there is one. */
  readonly job: string | undefined;
  /** Takes the live line away. */
  end(): void;
}

const refreshMs = 200;
/** Where lines stay, shards are told of no more often. */
const plainMs = 10_000;

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** One live line on a terminal, plain lines elsewhere. */
export function viewProgress(stream: Stream, now: () => number = Date.now): ProgressView {
  const live = isLive(stream) ? createLogUpdate(stream) : undefined;
  const colors = colorsFor(stream);
  let job: string | undefined;
  let stage: Stage | undefined;
  let counts: ShardProgress | TrialProgress | undefined;
  const at = { began: 0, counted: 0, told: 0 };

  const say = (line: string) => {
    live?.clear();
    stream.write(`${line}\n`);
  };
  const draw = () => {
    if (stage === undefined) return;
    const since = (now() - at.began) / 1000;
    const ago = (now() - at.counted) / 1000;
    // A full line makes some terminals begin another.
    const line = liveLine(stage, counts, { since, ago, columns: (stream.columns || 80) - 1 });
    live?.(line.replace(stage, colors.cyan(stage)));
  };
  const timer = live && setInterval(draw, refreshMs);
  timer?.unref();

  function take(next: ShardProgress | TrialProgress): void {
    counts = next;
    at.counted = now();
    if (live || 'tried' in next || now() - at.told < plainMs) return;
    at.told = now();
    say(plainShards(next));
  }

  function show(progress: Progress): void {
    switch (progress.kind) {
      case 'job':
        job = progress.name;
        return;
      case 'stage-started':
        stage = progress.stage;
        counts = undefined;
        at.began = at.told = now();
        if (!live) say(`${stage} …`);
        return;
      case 'stage-done': {
        const what = counts && 'tried' in counts ? searched(counts) : 'done';
        say(
          `${colors.green(progress.stage.padEnd(9))}${what}  ${colors.dim(`${progress.seconds.toFixed(1)} s`)}`,
        );
        stage = undefined;
        return;
      }
      case 'shards':
      case 'trials':
        take(progress);
        return;
      case 'rung':
        tell(progress);
        return;
      case 'note':
        say(progress.line);
    }
  }

  function tell({ trial, rung, fold, outcome }: Extract<Progress, { kind: 'rung' }>): void {
    const place = `trial ${trial}, rung ${rung}${fold === undefined ? '' : `, fold ${fold}`}`;
    if (outcome.kind === 'failed') {
      say(`${colors.yellow('tune')}     ${place} failed: ${outcome.error}: ${messageOf(outcome.cause)}`);
    } else if (!live) {
      const { value, resource, seconds } = outcome;
      say(`tune     ${place}: ${value.toFixed(4)} after ${resource} (${seconds.toFixed(1)} s)`);
    }
  }

  return {
    show,
    get job() {
      return job;
    },
    end() {
      clearInterval(timer);
      live?.clear();
      live?.done();
    },
  };
}

/** Tells nothing. */
export function silentProgress(): ProgressView {
  let job: string | undefined;
  return {
    show(progress) {
      if (progress.kind === 'job') job = progress.name;
    },
    get job() {
      return job;
    },
    end() {},
  };
}

const plainShards = ({ stage, done, total, rowsPerSecond, secondsLeft }: ShardProgress): string =>
  [
    `${stage.padEnd(9)}${done} of ${total} shards`,
    ...(rowsPerSecond === null ? [] : [pace(rowsPerSecond)]),
    ...(secondsLeft === null ? [] : [`about ${duration(secondsLeft)} left`]),
  ].join(', ');

function searched({ begun, rungs, failed, best }: TrialProgress): string {
  const found =
    best === null ? '' : `, best ${best.value.toFixed(4)} (trial ${best.trial}, rung ${best.rung})`;
  return `${begun} trials begun, ${rungs} rungs trained${failed ? `, ${failed} failed` : ''}${found}`;
}
