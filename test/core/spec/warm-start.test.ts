import { expect, test } from 'vitest';
import { readSpec } from '../../../core/spec/read.ts';
import { refusal } from '../../support/refusal.ts';

const withTune = (...lines: readonly string[]): string =>
  [
    'name: flights',
    'table: a.parquet',
    'target: late',
    'tune:',
    '  space: { leaves: { low: 7, high: 255, integer: true } }',
    ...lines.map((line) => `  ${line}`),
  ].join('\n');

test('a study begins with others, by id or by name', () => {
  const { tune } = readSpec(withTune('warm_start: [flights-0123456789ab, flights-of-may]'), 'a.yaml');
  expect(tune.warm_start).toEqual(['flights-0123456789ab', 'flights-of-may']);
});

test.each([
  ['warm_start: [Flights]', 'warm_start.0: use the id of a study, or the name of its specification'],
  ['warm_start: [../flights]', 'warm_start.0: use the id'],
  ['warm_start: []', 'warm_start'],
  ['warm_start: [flights, flights]', 'warm_start: name each study once'],
  ['warm_start: [{ mlflow: flights }]', 'warm_start.0'],
])('%s is refused', (line, message) => {
  expect(refusal(withTune(line))).toContain(message);
});

test.each(['random', 'sobol', '{ kind: grid, points: 3 }'])('by %s nothing would be learnt', (sampler) => {
  expect(refusal(withTune('warm_start: [flights]', `sampler: ${sampler}`))).toMatch(
    /tune\.warm_start: (random|sobol|grid) learns from no trial: use another sampler/,
  );
});
