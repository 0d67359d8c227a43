import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Interrupted, reportFailure } from '../../../cli/output/failure.ts';
import { Usage } from '../../../cli/usage.ts';
import { FanfareError } from '../../../core/errors.ts';
import { JobFailed } from '../../../library/failure.ts';
import { Detached } from '../../../library/remote/follow.ts';

afterEach(() => vi.restoreAllMocks());

/** What is written when a command ends with that, and its exit code. */
function ended(error: unknown, { json = false, quiet = false } = {}) {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += stripVTControlCharacters(String(text));
      return true;
    });
  }
  const code = reportFailure(error, { json, quiet });
  vi.restoreAllMocks();
  return { code, ...written };
}

const mistake = {
  file: 'a.yaml',
  line: 6,
  column: 3,
  length: 6,
  text: '  trails: 5',
  message: 'unknown key',
};

describe('a command that fails', () => {
  test.each([
    [new FanfareError('InvalidSpec', 'x'), 3],
    [new FanfareError('MissingInput', 'x'), 3],
    [new FanfareError('BadTable', 'x'), 3],
    [new FanfareError('BadModel', 'x'), 3],
    [new JobFailed('BadTable', 'x'), 3],
    [new FanfareError('TrainableFailed', 'x'), 1],
    [new FanfareError('StudyFailed', 'x'), 1],
    [new FanfareError('TooManyRejects', 'x'), 1],
    [new JobFailed('States.Timeout', 'x'), 1],
    [new Error('a bug'), 1],
    ['thrown', 1],
    [new FanfareError('TrackerUnavailable', 'x'), 4],
    [new Usage('x'), 2],
    [new Interrupted('SIGINT', undefined), 130],
    [new Interrupted('SIGTERM', undefined), 143],
    [new Detached('it goes on'), 130],
    [null, 0],
  ])('with %s has an exit code of its own: %i', (error, code) => {
    expect(ended(error).code).toBe(code);
    if (code !== 0) {
      expect(JSON.parse(ended(error, { json: true }).stdout)).toMatchObject({ error: { exit: code } });
    }
  });

  test('says what was wrong, with the lines of its places', () => {
    const { stdout, stderr } = ended(
      new FanfareError('InvalidSpec', 'a.yaml:6:3: unknown key', { mistakes: [mistake] }),
    );
    expect(stdout).toBe('');
    expect(stderr).toBe(
      'fanfare: InvalidSpec: a.yaml:6:3: unknown key\n   6 |   trails: 5\n     |   ^^^^^^\n',
    );
  });

  test('of several mistakes says how many, and has each at the beginning of a line', () => {
    const other = { ...mistake, line: 7, text: 'x: 1', column: 1, length: 1, message: 'and another' };
    const { stderr } = ended(
      new FanfareError('InvalidSpec', 'a.yaml:6:3: unknown key\na.yaml:7:1: and another', {
        mistakes: [mistake, other],
      }),
    );
    expect(stderr.split('\n')).toEqual([
      'fanfare: InvalidSpec: 2 mistakes',
      'a.yaml:6:3: unknown key',
      '   6 |   trails: 5',
      '     |   ^^^^^^',
      'a.yaml:7:1: and another',
      '   7 | x: 1',
      '     | ^',
      '',
    ]);
  });

  test('prints one document where JSON was asked for, and nothing else where quiet was too', () => {
    const error = new FanfareError('InvalidSpec', 'a.yaml:6:3: unknown key', { mistakes: [mistake] });
    const { stdout, stderr } = ended(error, { json: true });
    expect(JSON.parse(stdout)).toEqual({
      error: { name: 'InvalidSpec', message: 'a.yaml:6:3: unknown key', mistakes: [mistake], exit: 3 },
    });
    expect(stderr).toContain('unknown key');
    expect(ended(error, { json: true, quiet: true })).toEqual({ code: 3, stdout, stderr: '' });
  });

  test('shows a stack only for what nobody foresaw, and never in JSON', () => {
    const bug = new TypeError('x is not a function');
    expect(ended(bug, { json: true })).toMatchObject({
      stdout: '{"error":{"name":"TypeError","message":"x is not a function","mistakes":[],"exit":1}}\n',
      stderr: expect.stringMatching(/^fanfare: TypeError: x is not a function\n\s+at /),
    });
    expect(ended(new Usage("unknown option '--foo'")).stderr).toBe(
      "fanfare: Usage: unknown option '--foo'\n",
    );
  });
});
