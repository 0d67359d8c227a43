import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FanfareError } from '../../core/errors.ts';
import { JobFailed } from '../../library/failure.ts';
import { locateFailure } from '../../library/locate-failure.ts';

const text = [
  'name: late',
  'table: data/late.csv',
  'target: { column: delai, above: 15 }',
  'inputs: [origin, distance]',
  'columns:',
  '  id: flight',
  'split: { features: ./features.ts }',
  'tune:',
  '  space:',
  '    leafs: 31',
  '    l2: [0, -5]',
].join('\n');

/** The message of that failure once its places are known. */
function located(message: string, name = 'MissingInput'): string {
  const found = locateFailure(new JobFailed(name, message), 'studies/late.yaml', text);
  expect(found).toBeInstanceOf(JobFailed);
  return (found as JobFailed).message;
}

describe('a failure that was found later', () => {
  test.each([
    ['target: late.csv has no column "delai"', '3:19'],
    ['inputs: late.csv has no column "distance"', '4:18'],
    ['columns.id: late.csv has no column "flight"', '6:7'],
    ['tune.space.leafs: gbdt has no parameter "leafs"; did you mean leaves?', '10:5'],
    ['tune.space.l2: Too small (given: -5)', '11:9'],
    [`'${resolve('studies/data/late.csv')}' does not exist`, '2:8'],
    [`user code ${resolve('studies/features.ts')}: there is no such file`, '7:20'],
    ['user code studies/features.ts: there is no such file', '7:20'],
  ])('is told with its place: %s', (message, place) => {
    expect(located(message)).toBe(`studies/late.yaml:${place}: ${message}`);
  });

  test('is told a mistake at a time, and what has no place is left as it is', () => {
    const message =
      'target: there is no column "delai"\nMLflow has no registered model late\ninputs: "origin"';
    expect(located(message).split('\n')).toEqual([
      'studies/late.yaml:3:19: target: there is no column "delai"',
      'MLflow has no registered model late',
      'studies/late.yaml:4:10: inputs: "origin"',
    ]);
  });

  test.each([
    'model nobody.onnx: there is no such file',
    `${resolve('studies/features.ts')}:6:17: Unexpected ";"`,
    'elsewhere: it has no column "delai"',
    `'${resolve('studies/data/late.csv.gz')}' does not exist`,
    `'${resolve('studies/more-data/late.csv')}' does not exist`,
  ])('without a place is as it was: %s', (message) => {
    const failure = new JobFailed('MissingInput', message);
    expect(locateFailure(failure, 'studies/late.yaml', text)).toBe(failure);
  });

  test('has no place where the specification is not at fault', () => {
    const failure = new FanfareError('BadTable', `${resolve('studies/data/late.csv')}: row 7 has no end`);
    expect(locateFailure(failure, 'studies/late.yaml', text)).toBe(failure);
    const own = new Error('target: a bug');
    expect(locateFailure(own, 'studies/late.yaml', text)).toBe(own);
  });

  test('keeps its name, and says of each mistake what editors need', () => {
    const found = locateFailure(new FanfareError('InvalidSpec', 'columns.id: "flight"'), 'late.yaml', text);
    expect(found).toMatchObject({
      name: 'InvalidSpec',
      mistakes: [{ file: 'late.yaml', line: 6, column: 7, length: 6, text: '  id: flight' }],
    });
  });
});
