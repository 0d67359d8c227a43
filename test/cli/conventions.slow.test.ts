import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, documentOf, openDesk, refusal } from '../support/cli.ts';
import { colorRows, csvOf } from '../support/colors.ts';

let desk: Desk;
let spec: string;

beforeAll(async () => {
  desk = await openDesk();
  await desk.write('colors.csv', csvOf(colorRows(200), ['x', 'color', 'hit']));
  spec = await desk.write(
    'colors.yaml',
    ['name: colors', 'table: colors.csv', 'target: hit', 'tune:', '  space: { l2: [0, 1] }', ''].join('\n'),
  );
});
afterAll(() => desk?.clear());

describe('a command', () => {
  test('with --quiet tells its result alone, with --json as one document', async () => {
    const quiet = await desk.run(['split', spec, '--quiet']);
    expect(quiet).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^split +\d+ train · \d+ validation/),
    });
    const json = await desk.run(['split', spec, '-q', '--json']);
    expect(json.stderr).toBe('');
    expect(documentOf(json)).toMatchObject({ command: 'split' });
  });

  test('shows each mistake of its specification where it stands', async () => {
    const wrong = await desk.write(
      'wrong.yaml',
      ['name: wrong', 'table: colors.csv', 'target: hits', 'inputs: [x, colour]', 'tune: { space: {} }'].join(
        '\n',
      ),
    );
    const ended = await desk.run(['split', wrong, '--json']);
    const there = `colors.csv has no column`;
    expect(refusal(ended).split('\n')).toEqual([
      'MissingInput: 2 mistakes',
      expect.stringMatching(`^\\S*wrong\\.yaml:3:9: target: \\S*${there} "hits"; did you mean hit\\?`),
      '   3 | target: hits',
      '     |         ^^^^',
      expect.stringMatching(`^\\S*wrong\\.yaml:4:13: inputs: \\S*${there} "colour"; did you mean color\\?`),
      '   4 | inputs: [x, colour]',
      '     |             ^^^^^^',
    ]);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      error: {
        name: 'MissingInput',
        exit: 3,
        mistakes: [
          { line: 3, column: 9 },
          { line: 4, column: 13 },
        ],
      },
    });
  });

  test('that cannot be meant exits 2 and says where help is, in JSON too', async () => {
    const ended = await desk.run(['tune', '--json']);
    expect(refusal(ended)).toBe(
      "Usage: missing required argument 'spec'\nnpx fanfare tune --help says what there is",
    );
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { name: 'Usage', exit: 2 } });
    expect((await desk.run([])).code).toBe(2);
    expect((await desk.run(['--version'])).code).toBe(0);
  });

  test('ends in peace where nobody reads on', async () => {
    const running = desk.start(['status', '--json']);
    running.child.stdout?.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });
});
