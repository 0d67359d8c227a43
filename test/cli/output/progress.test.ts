import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { duration, liveLine } from '../../../cli/output/live-line.ts';
import { viewProgress } from '../../../cli/output/progress.ts';
import type { Progress, ShardProgress, TrialProgress } from '../../../library/progress.ts';

const trials: TrialProgress = {
  ...{ total: 20, begun: 14, tried: 12, failed: 1, rungs: 18 },
  ...{ best: { value: 0.79999, trial: 4, rung: 1 }, secondsLeft: 61 },
};
const shards: ShardProgress = {
  ...{ stage: 'split', done: 3, total: 16, rows: 400_000, rowsPerSecond: 412_345, secondsLeft: 30 },
};
const at = (columns: number) => ({ since: 34.2, ago: 1, columns });

describe('the live line', () => {
  test('tells trials, the best so far and the time that is left, which runs on between two counts', () => {
    expect(liveLine('tune', trials, at(100))).toBe(
      'tune     12 of 20 trials · best 0.8000 · trial 4 · 1 failed · 18 rungs · 34 s · about 60 s left',
    );
  });

  test('tells shards and rows a second', () => {
    expect(liveLine('split', shards, at(79))).toBe(
      'split    3 of 16 shards · 412,000 rows a second · 34 s · about 29 s left',
    );
  });

  test('is never longer than the terminal is wide: what matters least goes first', () => {
    expect(liveLine('tune', trials, at(60))).toBe('tune     12 of 20 trials · best 0.8000 · about 60 s left');
    expect(liveLine('tune', trials, at(39))).toBe('tune     12 of 20 trials · best 0.8000');
    expect(liveLine('tune', trials, at(29))).toBe('tune 12/20 · best 0.8000');
    expect(liveLine('tune', trials, at(12))).toBe('tune 12/20');
    expect(liveLine('split', shards, at(29))).toBe('split    3 of 16 shards');
    expect(liveLine('split', shards, at(12))).toBe('split 3/16');
    for (let columns = 1; columns < 100; columns++) {
      expect(liveLine('tune', trials, at(columns)).length).toBeLessThanOrEqual(columns);
      expect(liveLine('split', shards, at(columns)).length).toBeLessThanOrEqual(columns);
    }
  });

  test('guesses no time before there is a pace', () => {
    expect(liveLine('split', { ...shards, rowsPerSecond: null, secondsLeft: null }, at(79))).toBe(
      'split    3 of 16 shards · 34 s',
    );
    expect(liveLine('tune', undefined, at(79))).toBe('tune     34 s');
  });

  test.each([
    [0.4, '0 s'],
    [99, '99 s'],
    [100, '2 min'],
    [5000, '83 min'],
    [9000, '2.5 h'],
  ])('%s seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

const reported = { kind: 'reported', value: 0.671, metrics: {}, resource: 10, seconds: 3.7 } as const;
const job: readonly Progress[] = [
  { kind: 'job', command: 'pipeline', name: 'late' },
  { kind: 'stage-started', stage: 'split' },
  { kind: 'shards', ...shards },
  { kind: 'stage-done', stage: 'split', seconds: 7.52 },
  { kind: 'stage-started', stage: 'tune' },
  { kind: 'rung', trial: 1, rung: 0, outcome: { ...reported, reports: [], checkpoint: 'c', model: null } },
  { kind: 'rung', trial: 2, rung: 0, outcome: { kind: 'failed', error: 'TrainableFailed', cause: 'nan' } },
  { kind: 'trials', ...trials },
  { kind: 'stage-done', stage: 'tune', seconds: 105.94 },
];

/** What was written to a stream that is or is not a terminal. */
function shown(terminal: { isTTY?: boolean; columns?: number }, told: readonly Progress[]): string {
  let text = '';
  const stream = Object.assign(
    new Writable({
      write(chunk, _, done) {
        text += chunk;
        done();
      },
    }),
    terminal,
  );
  let now = 0;
  const view = viewProgress(stream, () => now);
  for (const progress of told) {
    view.show(progress);
    now += 11_000;
    vi.advanceTimersByTime(300);
  }
  view.end();
  return text;
}

describe('progress', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    for (const [name, value] of [
      ['TERM', 'xterm'],
      ['CI', ''],
      ['FORCE_COLOR', ''],
      ['NO_COLOR', ''],
    ]) {
      vi.stubEnv(name!, value);
    }
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  test('is plain lines where nobody sees them move', () => {
    expect(shown({}, job).split('\n')).toEqual([
      'split …',
      'split    3 of 16 shards, 412,000 rows a second, about 30 s left',
      'split    done  7.5 s',
      'tune …',
      'tune     trial 1, rung 0: 0.6710 after 10 (3.7 s)',
      'tune     trial 2, rung 0 failed: TrainableFailed: nan',
      'tune     14 trials begun, 18 rungs trained, 1 failed, best 0.8000 (trial 4, rung 1)  105.9 s',
      '',
    ]);
  });

  test('is plain on a terminal that can neither move nor colour', () => {
    vi.stubEnv('TERM', 'dumb');
    expect(shown({ isTTY: true, columns: 40 }, job)).not.toContain('\x1b');
  });

  test('is plain in a CI job, whose log keeps every line', () => {
    vi.stubEnv('CI', 'true');
    const logged = shown({ isTTY: true, columns: 80 }, job);
    expect(stripVTControlCharacters(logged)).toBe(shown({}, job));
    expect(logged).toContain('\x1b[32msplit');
  });

  test('is coloured in a log where FORCE_COLOR asks for it, but not against NO_COLOR', () => {
    vi.stubEnv('NO_COLOR', '');
    vi.stubEnv('FORCE_COLOR', '1');
    expect(shown({}, job)).toContain('\x1b[32msplit');
    vi.stubEnv('NO_COLOR', '1');
    expect(shown({}, job)).not.toContain('\x1b');
  });

  test('is one line on a terminal, with colours unless NO_COLOR is set', () => {
    vi.stubEnv('NO_COLOR', '');
    const coloured = shown({ isTTY: true, columns: 80 }, job);
    expect(coloured).toContain('\x1b[36msplit');
    expect(stripVTControlCharacters(coloured)).toContain('3 of 16 shards');
    vi.stubEnv('NO_COLOR', '1');
    const plain = shown({ isTTY: true, columns: 80 }, job);
    expect(plain).toContain('3 of 16 shards');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
    expect(plain).not.toMatch(/\x1b\[[0-9;]*m/);
  });
});
