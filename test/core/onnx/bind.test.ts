import { describe, expect, test } from 'vitest';
import { bindInputs, type InputNames } from '../../../core/onnx/bind.ts';
import type { ModelPort } from '../../../core/onnx/model.ts';
import type { Frame } from '../../../core/tables/batch.ts';

const fields: Frame['fields'] = [
  { name: 'id', type: 'string' },
  { name: 'a', type: 'float' },
  { name: 'b', type: 'integer' },
  { name: 'late', type: 'boolean' },
];
const matrix = (width: number | string): ModelPort => ({ name: 'X', type: 'float32', shape: ['', width] });
const refused = (inputs: readonly ModelPort[], names: InputNames): { name: string; message: string } => {
  try {
    bindInputs(inputs, fields, names);
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was refused');
};

describe('a matrix takes the columns', () => {
  test.each<[string, InputNames, number | string]>([
    ['that the specification names', { named: { X: ['b', 'a'] } }, 2],
    ['of its signature', { signature: ['b', 'a'] }, 2],
    ['of its signature, where its width is open', { signature: ['b', 'a'] }, ''],
    [
      'that the specification names, before its signature',
      { named: { X: ['b', 'a'] }, signature: ['a', 'b'] },
      2,
    ],
  ])('%s', (_, names, width) => {
    expect(bindInputs([matrix(width)], fields, names)).toEqual([
      { input: 'X', type: 'float32', layout: 'matrix', columns: ['b', 'a'], shape: [width] },
    ]);
  });

  test('and none is guessed: what can be pasted leaves the target out', () => {
    const { name, message } = refused([matrix(2)], { others: ['late'] });
    expect(name).toBe('MissingInput');
    expect(message).toBe(
      "the model's input X [rows, 2] takes 2 columns, and neither its names nor a signature say which. " +
        'Those of the table that it can take are as many; if they are in the order that it was trained on, write:\n' +
        'predict:\n  inputs:\n    X: [a, b]',
    );
    expect(refused([matrix(3)], { others: ['late'] }).message).toContain(
      'Of the table it can take 2; name 3 of them in the order that it was trained on, write:',
    );
  });

  test.each<[string, InputNames, string, string]>([
    [
      'of another number',
      { named: { X: ['a', 'b', 'late'] } },
      'InvalidSpec',
      "the model's input X [rows, 2] takes 2 columns, but predict.inputs.X names 3: a, b, late",
    ],
    [
      'that is not there',
      { signature: ['a', 'c'] },
      'MissingInput',
      'the model wants a column for its input X, "c"; did you mean',
    ],
    [
      'of another type',
      { named: { X: ['a', 'id'] } },
      'BadTable',
      'column "id" holds string values, the model takes float32',
    ],
    [
      'for an input that it has not',
      { named: { Y: ['a', 'b'] } },
      'InvalidSpec',
      'predict.inputs: the model has no input "Y"; did you mean X?',
    ],
  ])('but none %s', (_, names, error, message) => {
    const { name, message: told } = refused([matrix(2)], names);
    expect(name).toBe(error);
    expect(told).toContain(message);
  });
});

test('an input of one value a row takes the column of its name, or the one that is named for it', () => {
  const inputs: ModelPort[] = [
    { name: 'a', type: 'float32', shape: ['', 1] },
    { name: 'seats', type: 'int64', shape: [''] },
  ];
  const feeds = bindInputs(inputs, fields, { named: { seats: 'b' } });
  expect(feeds.map(({ columns, layout }) => [columns, layout])).toEqual([
    [['a'], 'matrix'],
    [['b'], 'vector'],
  ]);
  expect(() => bindInputs(inputs, fields)).toThrow('the model wants a column "seats"');
});

test('all columns that are missing are named', () => {
  const inputs = ['x', 'y'].map((name): ModelPort => ({ name, type: 'float32', shape: [''] }));
  expect(() => bindInputs(inputs, fields)).toThrow(/"x".*\n.*"y"/);
});
