import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, openDesk, refusal } from '../support/cli.ts';
import { type Column, colorRows, csvOf, ndjsonOf } from '../support/colors.ts';

const all: readonly Column[] = ['id', 'when', 'x', 'color', 'hit'];
const csv = csvOf(colorRows(2000), all);

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  await desk.write('colors.csv', csv);
});

afterAll(() => desk?.clear());

const tune = {
  trials: 2,
  lanes: 1,
  scheduler: { kind: 'asha', min: 2, max: 4 },
  space: { learning_rate: { low: 0.05, high: 0.4 } },
};

/** What `fanfare pipeline` says of a specification that differs from a good one in `changes`. */
async function pipeline(changes: Readonly<Record<string, unknown>>): Promise<string> {
  const spec = { name: 'bad', table: 'colors.csv', target: 'hit', tune, ...changes };
  return refusal(
    await desk.run(['pipeline', await desk.write('bad.yaml', JSON.stringify(spec)), '--no-mlflow', '--json']),
  );
}

describe('a specification', () => {
  const read = async (text: string) =>
    refusal(await desk.run(['pipeline', await desk.write('bad.yaml', text), '--no-mlflow']));

  it('that is not there is named', async () => {
    const message = refusal(await desk.run(['pipeline', desk.path('none.yaml')]));
    expect(message).toBe(`MissingInput: specification ${desk.path('none.yaml')}: there is no such file`);
  });

  it('that is no YAML is refused with the line', async () => {
    expect(await read('name: bad\ntable: [a.csv\n')).toMatch(/^InvalidSpec: .*bad\.yaml:[23]:\d+: /);
  });

  it.each([
    [
      'an unknown key',
      { tabel: 'a.csv' },
      [/unknown key "tabel"; did you mean table\?/, /allowed: name, table, /],
    ],
    [
      'a space with low above high',
      { tune: { space: { leaves: { low: 50, high: 7, integer: true } } } },
      [/tune\.space\.leaves: low must be below high/, /given: low 50, high 7/],
    ],
    [
      'min above max',
      { tune: { ...tune, scheduler: { kind: 'asha', min: 9, max: 3 } } },
      [/min must not exceed max/, /min 9, max 3/],
    ],
    [
      'sides that do not add up to 1',
      { split: { train: 0.9 } },
      [/must add up to 1/, /0\.9 \+ 0\.15 \+ 0\.15/],
    ],
    ['an unknown trainable', { tune: { ...tune, trainable: 'xgboost' } }, [/tune\.trainable/, /gbdt/]],
    ['a name that is no name', { name: 'My Study' }, [/name: use 1 to 40 of a-z, 0-9 and -/]],
  ])('with %s is refused with its line, before any work', async (_, changes, words) => {
    const message = await pipeline(changes);
    expect(message).toMatch(/^InvalidSpec: .*bad\.yaml:1:\d+: /);
    for (const word of words) expect(message).toMatch(word);
    expect(await readdir(desk.home).catch(() => [])).not.toContain('store');
  });
});

describe('a search space', () => {
  it('with a parameter that the trainable lacks is refused, the nearest one named', async () => {
    const message = await pipeline({ tune: { ...tune, space: { learning_rat: { low: 0.1, high: 0.2 } } } });
    expect(message).toMatch(
      /^InvalidSpec: .*bad\.yaml:1:\d+: tune\.space\.learning_rat: gbdt has no parameter "learning_rat"/,
    );
    expect(message).toMatch(/did you mean learning_rate\? \(there are: .*learning_rate, leaves, /);
  });

  it('that leaves the range of a parameter is refused with what is allowed', async () => {
    const message = await pipeline({ tune: { ...tune, space: { learning_rate: { low: 0.1, high: 20 } } } });
    expect(message).toMatch(
      /^InvalidSpec: .*bad\.yaml:1:\d+: tune\.space\.learning_rate: .*<=1 \(given: 20\)$/m,
    );
  });
});

describe('a table', () => {
  it('that is not there is named once, with the nearest name', async () => {
    expect(await pipeline({ table: 'color.csv' })).toContain(
      `: '${desk.path('color.csv')}' does not exist; did you mean '${desk.path('colors.csv')}'?`,
    );
  });

  it('without the columns that are named is refused, the nearest ones named', async () => {
    const message = await pipeline({ target: 'hits', inputs: ['x', 'colour'] });
    expect(message).toContain(`target: ${desk.path('colors.csv')} has no column "hits"; did you mean hit?`);
    expect(message).toContain('no column "colour"; did you mean color? (there are: id, when, x, color, hit)');
  });

  it.each([
    [
      'numbers that are no classes',
      { column: 'x', task: 'multiclass' },
      /^InvalidSpec: .*bad\.yaml:1:\d+: target: column "x" does not fit the task multiclass: only whole numbers, strings and booleans/,
    ],
    [
      'words that are no quantity',
      { column: 'color', task: 'regression' },
      /^InvalidSpec: .*bad\.yaml:1:\d+: target: column "color" does not fit the task regression: it holds string values/,
    ],
    [
      'one class',
      { column: 'x', above: 5 },
      /^BadTable: .*colors\.csv: the training side has only rows of 0 of the target x, and two classes are needed/,
    ],
  ])('whose target holds %s is refused', async (_, target, words) => {
    expect(await pipeline({ target })).toMatch(words);
  });

  it('without rows is refused, whatever its format', async () => {
    await copyFile('test/fixtures/tables/empty.parquet', desk.path('empty.parquet'));
    await desk.write('empty.csv', csv.slice(0, csv.indexOf('\n') + 1));
    for (const name of ['empty.parquet', 'empty.csv']) {
      const message = await pipeline({ table: name, target: name === 'empty.csv' ? 'hit' : 'flag' });
      expect(message).toMatch(/^BadTable: The table is empty: there is no row in .*empty\.(csv|parquet)\.$/);
    }
  });

  it('of zero bytes is refused, whatever its format', async () => {
    for (const ending of ['csv', 'ndjson', 'parquet', 'arrow']) {
      const table = await desk.write(`zero.${ending}`, '');
      expect(await pipeline({ table })).toMatch(
        /^BadTable: The table is empty: (.*zero\.\w+ has zero bytes|there is no row in .*zero\.ndjson)\.$/,
      );
    }
  });

  it('that is not what its ending says is refused', async () => {
    const parquet = 'test/fixtures/tables/polars.parquet';
    await copyFile(parquet, desk.path('lie.csv'));
    await copyFile(parquet, desk.path('lie.ndjson'));
    await desk.write('lie.parquet', csv);
    await desk.write('lie.arrow', ndjsonOf(colorRows(50), all));
    const said = {
      'lie.csv': 'is not a CSV file',
      'lie.ndjson': 'is not an NDJSON file',
      'lie.parquet': 'is not a Parquet file',
      'lie.arrow': 'is not an Arrow IPC file',
    };
    for (const [table, words] of Object.entries(said)) {
      const message = await pipeline({ table });
      expect(message).toMatch(/^BadTable: /);
      expect(message).toContain(`${table} ${words}`);
      expect(message.length).toBeLessThan(400);
    }
  });

  it('whose ending says nothing, or that is compressed as a whole, is refused with what is known', async () => {
    expect(await pipeline({ table: await desk.write('colors.txt', csv) })).toMatch(
      /^InvalidSpec: .*colors\.txt by its extension.*\.parquet, .*\.csv, /,
    );
    expect(await pipeline({ table: await desk.write('colors.csv.zst', 'x') })).toMatch(
      /^InvalidSpec: colors\.csv\.zst is compressed as a whole/,
    );
  });
});

describe('the command itself', () => {
  it('shows every command with --help, and the options of each', async () => {
    const { code, stdout } = await desk.run(['--help', '--home', 'x']);
    expect(code).toBe(0);
    for (const name of ['pipeline', 'split', 'tune', 'predict', 'status', 'sync', 'mlflow']) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    const predict = await desk.run(['predict', '--help']);
    expect(predict).toMatchObject({ code: 0, stdout: expect.stringMatching(/--json [\s\S]*--model <uri>/) });
  });

  it('refuses a command, an option and a lack of arguments that it does not know, the nearest named', async () => {
    const say = async (...args: string[]) => desk.run(args);
    expect(await say('pipelin')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean pipeline?'),
    });
    expect(await say('pipeline', 'a.yaml', '--jsn')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean --json?'),
    });
    expect(await say('pipeline')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining("missing required argument 'spec'"),
    });
  });

  it('says in `status` that there is nothing yet', async () => {
    const home = desk.path('nothing');
    const { code, stdout } = await desk.run(['status', '--home', home]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `nothing runs in ${join(home, 'store')}\n` });
    const json = await desk.run(['status', '--home', home, '--json']);
    expect(JSON.parse(json.stdout)).toEqual({ runs: [], studies: [], predictions: [], pending: [] });
  });
});
