import { describe, expect, test } from 'vitest';
import { readPrediction, readSpec } from '../../../core/spec/read.ts';
import { refusal } from '../../support/refusal.ts';

const lines = (...text: string[]) => text.join('\n');
const valid = lines(
  'name: flights',
  'table: a.parquet',
  'target: late',
  'tune:',
  '  space: { l2: { low: 0, high: 1 } }',
);

describe('a specification', () => {
  test('needs little: the rest has defaults', () => {
    expect(readSpec(valid, 'flights.yaml')).toMatchObject({
      target: { kind: 'column', column: 'late' },
      split: { train: 0.7, validation: 0.15, test: 0.15 },
      tune: { trials: 20, scheduler: { kind: 'asha', min: 10, max: 100, eta: 3 } },
    });
  });

  test('says an axis in a few words', () => {
    const text = valid.replace(
      '{ l2: { low: 0, high: 1 } }',
      '{ a: [1, 2], b: 3, c: { low: 1, high: 9, integer: true } }',
    );
    expect(readSpec(text, 'flights.yaml').tune.space).toEqual({
      a: { kind: 'choice', options: [1, 2] },
      b: { kind: 'choice', options: [3] },
      c: { kind: 'int', low: 1, high: 9, log: false },
    });
  });

  test('is read again from what was read', () => {
    const spec = readSpec(valid, 'flights.yaml');
    expect(readSpec(JSON.stringify(spec), 'stored.json')).toEqual(spec);
  });

  test.each([
    [
      'an unknown key',
      `${valid}\n  trails: 5`,
      'flights.yaml:6:3: tune: unknown key "trails"; did you mean trials?',
    ],
    [
      'low above high',
      valid.replace('low: 0', 'low: 5'),
      'flights.yaml:5:16: tune.space.l2: low must be below high (given: low 5, high 1)',
    ],
    ['low equal to high', valid.replace('low: 0', 'low: 1'), 'low must be below high'],
    ['a logarithm of 0', valid.replace('high: 1', 'high: 1, log: true'), 'needs low above 0 (given: 0)'],
    [
      'sides that do not add up',
      `${valid}\nsplit: { train: 0.5 }`,
      'must add up to 1 (given: 0.5 + 0.15 + 0.15 = 0.8)',
    ],
    [
      'no table',
      valid.replace('table: a.parquet', ''),
      'flights.yaml:1:1: table: is missing (expected: object)',
    ],
    ['broken YAML', 'a: [', 'flights.yaml:1:5: Flow sequence'],
    [
      'a name that is no key',
      valid.replace('name: flights', 'name: My Flights'),
      'flights.yaml:1:7: name: use 1 to 40 of a-z',
    ],
    ['an unknown trainable', `${valid}\n  trainable: xgboost`, 'mlp or onnx, or name your own by a path'],
    [
      'an alias that MLflow keeps for itself',
      `${valid}\nmodel: { name: m, alias: v2 }`,
      'model.alias: use 1 to 200',
    ],
    [
      'an alias of words',
      `${valid}\nmodel: { name: m, alias: in use }`,
      'latest and v1, v2 … are MLflow’s own',
    ],
    ['an endless experiment', `${valid}\nexperiment: ${'x'.repeat(501)}`, 'experiment'],
    ['a tolerance above 1', `${valid}\npredict: { tolerance: 5 }`, 'predict.tolerance'],
  ])('with %s is refused, with line and reason', (_, text, reason) => {
    expect(refusal(text)).toContain(reason);
  });

  test('has all its mistakes told at once', () => {
    const text = valid.replace('name: flights', 'nam: flights').replace('low: 0', 'low: 5');
    expect(refusal(text).split('\n').length).toBeGreaterThanOrEqual(3);
  });
});

describe('a specification of predictions alone', () => {
  const text = 'name: late\ntable: flights.csv\npredict: { model: ./late.onnx, keep: [id] }\n';

  test('needs no search and no target', () => {
    expect(readPrediction(text, 'late.yaml')).toMatchObject({
      name: 'late',
      table: { path: 'flights.csv' },
      predict: { model: './late.onnx', keep: ['id'], format: 'parquet' },
    });
    expect(() => readSpec(text, 'late.yaml')).toThrow(/target: .*\n.*tune: /);
  });

  test('has its mistakes named by their lines, as any other', () => {
    expect(() => readPrediction(`${text}tabel: x\n`, 'late.yaml')).toThrow(
      'late.yaml:4:1: unknown key "tabel"; did you mean table? (allowed: name, table, target, columns, model, predict, experiment)',
    );
  });

  test('is a whole one where it says how to search', () => {
    expect(() => readPrediction(`${text}tune: { trials: none }\n`, 'late.yaml')).toThrow(/tune\.trials/);
    expect(readPrediction(valid, 'flights.yaml')).toEqual(readSpec(valid, 'flights.yaml'));
  });
});
