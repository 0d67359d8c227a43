import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openGraph } from '../../../../adapters/onnxruntime/open-graph.ts';
import {
  type Architecture,
  parameterCount,
  parametersOf,
} from '../../../../core/training/mlp/architecture.ts';
import { dropoutScale, fillMask } from '../../../../core/training/mlp/chance.ts';
import { MlpParams } from '../../../../core/training/mlp/params.ts';
import { type Table, takeSteps } from '../../../../core/training/mlp/steps.ts';
import { chance } from '../tables.ts';

const graph = async (_name: string, make: () => Uint8Array) => openGraph(make());
const seed = 5;

interface Case {
  readonly loss: Architecture['loss'];
  readonly settings: { readonly hidden_layer_sizes: readonly number[]; readonly batch_size: number };
  readonly labels: readonly number[];
  readonly weights: readonly number[] | null;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

describe('from the same parameters and in the same order as scikit-learn', () => {
  const { columns, epochs, x, cases } = JSON.parse(
    readFileSync(new URL('../../../fixtures/mlp/scikit-learn.json', import.meta.url), 'utf8'),
  ) as { columns: number; epochs: number; x: number[]; cases: Case[] };
  const rows = x.length / columns;

  test.each(cases)('a network with the $loss loss comes to the same: $settings', async (one) => {
    const { hidden_layer_sizes: hidden, ...settings } = one.settings;
    const params = MlpParams.parse({ ...settings, hidden_layer_sizes: hidden.join(',') });
    const { activation } = params;
    const outputs = one.loss === 'softmax' ? 3 : 1;
    const architecture = { numbers: columns, embeddings: [], hidden, activation, loss: one.loss, outputs };
    const labels = one.loss === 'softmax' ? Int32Array.from(one.labels) : Float32Array.from(one.labels);
    const table: Table = {
      numbers: { dims: [rows, columns], values: Float32Array.from(x) },
      labels: { dims: [rows], values: labels },
      ...(one.weights && { weights: { dims: [rows], values: Float32Array.from(one.weights) } }),
    };
    const order = Int32Array.from({ length: rows }, (_, row) => row);
    const { length } = one.first;
    const first = { steps: 0, mean: new Float32Array(length), square: new Float32Array(length) };
    let stand = { ...first, parameters: Float32Array.from(one.first) };
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let done = 0; done < rows; ) {
        const batchSize = Math.min(params.batch_size, rows - done);
        const before = stand.steps;
        stand = (await takeSteps(
          { graph },
          { architecture, params, seed, table, order: order.subarray(done), batchSize, all: 1000 },
          stand,
        )) as typeof stand;
        done += (stand.steps - before) * batchSize;
      }
    }
    expect(length).toBe(parameterCount(architecture));
    for (const [at, value] of one.last.entries()) expect(stand.parameters[at]).toBeCloseTo(value, 5);
  });
});

test('L2 holds weights back, and neither biases nor embeddings', async () => {
  const architecture: Architecture = {
    ...{ numbers: 2, embeddings: [{ codes: 3, size: 2 }], hidden: [4], activation: 'relu', loss: 'log' },
    outputs: 1,
  };
  const next = chance(3);
  const parameters = Float32Array.from({ length: parameterCount(architecture) }, () => next() - 0.5);
  const zero = new Float32Array(parameters.length);
  const table: Table = {
    numbers: { dims: [4, 2], values: Float32Array.from({ length: 8 }, next) },
    codes0: { dims: [4], values: Int32Array.of(0, 1, 1, 0) },
    labels: { dims: [4], values: Float32Array.of(0, 1, 1, 0) },
  };
  const gradientBy = async (alpha: number) => {
    const params = MlpParams.parse({ hidden_layer_sizes: 4, alpha });
    const order = Int32Array.of(0, 1, 2, 3);
    const steps = { architecture, params, seed, table, order, batchSize: 4, all: 1 };
    return (await takeSteps({ graph }, steps, { steps: 0, parameters, mean: zero, square: zero })).mean;
  };
  const [plain, held] = [await gradientBy(0), await gradientBy(2)];
  let at = 0;
  for (const { kind, size } of parametersOf(architecture))
    for (const end = at + size; at < end; at++) {
      const own = kind === 'weight' ? (2 / 4) * parameters[at]! : 0;
      expect(held[at]! - plain[at]!, `${kind} ${at}`).toBeCloseTo(own, 6);
    }
  expect(at).toBe(parameters.length);
});

/** What the network computes, in double precision and without any graph: the mean loss of some rows. */
function lossOf(
  { numbers, embeddings, hidden, activation, loss, outputs }: Architecture,
  vector: Float64Array,
  rows: readonly {
    readonly x: readonly number[];
    readonly codes: readonly number[];
    readonly label: number;
    readonly weight: number;
    readonly masks: readonly Uint8Array[];
  }[],
  scale: number,
): number {
  const activate = {
    relu: (z: number) => Math.max(0, z),
    tanh: Math.tanh,
    logistic: (z: number) => 1 / (1 + Math.exp(-z)),
    gelu: (z: number) => z * normal(z),
  }[activation];
  let sum = 0;
  let weights = 0;
  for (const { x, codes, label, weight, masks } of rows) {
    let at = 0;
    let units = [...x];
    for (const [column, { codes: count, size }] of embeddings.entries()) {
      const start = at + codes[column]! * size;
      units.push(...vector.subarray(start, start + size));
      at += count * size;
    }
    expect(units).toHaveLength(embeddings.reduce((width, { size }) => width + size, numbers));
    for (const [layer, width] of [...hidden, outputs].entries()) {
      const bias = at + units.length * width;
      const sums = Array.from({ length: width }, (_, unit) =>
        units.reduce((z, value, from) => z + value * vector[at + from * width + unit]!, vector[bias + unit]!),
      );
      at = bias + width;
      units =
        layer < hidden.length
          ? sums.map((z, unit) => activate(z) * (masks[layer] ? masks[layer][unit]! * scale : 1))
          : sums;
    }
    const z = units[0]!;
    const top = Math.max(...units);
    const own = {
      log: Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - label * z,
      softmax: top + Math.log(units.reduce((all, each) => all + Math.exp(each - top), 0)) - units[label]!,
      squared: (z - label) ** 2 / 2,
    }[loss];
    sum += own * weight;
    weights += weight;
  }
  return sum / weights;
}

/** The share of a standard normal below z, by its series: exact to 1e-15 for |z| < 6. */
function normal(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 1; k < 120; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

describe("the graph's gradient is that of differences", () => {
  const embeddings = [
    { codes: 4, size: 3 },
    { codes: 7, size: 2 },
  ];
  const plain = { numbers: 3, embeddings: [], hidden: [5, 4], activation: 'tanh', loss: 'log', outputs: 1 };
  test.each<[string, Partial<Architecture>, { dropout?: number; weighted?: boolean }]>([
    ['of embeddings beside numbers', { embeddings }, {}],
    ['of embeddings alone', { embeddings, numbers: 0, loss: 'softmax', outputs: 3 }, {}],
    ['of gelu', { activation: 'gelu', loss: 'squared' }, {}],
    ['of relu, thinned out', { activation: 'relu', embeddings, hidden: [9, 8] }, { dropout: 0.4 }],
    ['of weighted rows, thinned out', { loss: 'softmax', outputs: 4 }, { dropout: 0.25, weighted: true }],
    ['of gelu, thinned out', { activation: 'gelu', hidden: [7] }, { dropout: 0.5 }],
    ['of the logistic function, weighted', { activation: 'logistic', loss: 'squared' }, { weighted: true }],
  ])('%s', async (_name, change, { dropout = 0, weighted = false }) => {
    const architecture = { ...plain, ...change } as Architecture;
    const next = chance(11);
    const count = 24;
    const draw = (length: number) => Float32Array.from({ length }, () => Math.fround(next() * 2 - 1));
    const { numbers, hidden, outputs, loss } = architecture;
    const x = draw(count * numbers);
    const codes = architecture.embeddings.map(({ codes: most }) =>
      Int32Array.from({ length: count }, () => Math.floor(next() * most)),
    );
    const labels = Array.from({ length: count }, () =>
      loss === 'squared' ? Math.fround(next()) : Math.floor(next() * Math.max(2, outputs)),
    );
    const weights = Array.from({ length: count }, () => (weighted ? Math.floor(next() * 3) : 1));
    const parameters = draw(parameterCount(architecture));
    const order = Int32Array.from({ length: count }, (_, row) => (row * 7) % count);
    const params = MlpParams.parse({ hidden_layer_sizes: hidden.join(','), dropout, alpha: 0 });
    const table: Table = {
      ...(numbers > 0 && { numbers: { dims: [count, numbers], values: x } }),
      ...Object.fromEntries(codes.map((values, at) => [`codes${at}`, { dims: [count], values }])),
      labels: {
        dims: [count],
        values: loss === 'softmax' ? Int32Array.from(labels) : Float32Array.from(labels),
      },
      ...(weighted && { weights: { dims: [count], values: Float32Array.from(weights) } }),
    };
    const zero = new Float32Array(parameters.length);
    // The mean that Adam keeps is, after its first step, the gradient.
    const { mean: gradient } = await takeSteps(
      { graph },
      { architecture, params, seed, table, order, batchSize: count, all: 1 },
      { steps: 0, parameters, mean: zero, square: zero },
    );

    const masks = hidden.map((units, layer) => {
      const mask = new Uint8Array(count * units);
      fillMask(mask, dropout, seed, 0, layer);
      return mask;
    });
    const rows = [...order].map((row, place) => ({
      x: [...x.subarray(row * numbers, (row + 1) * numbers)],
      codes: codes.map((all) => all[row]!),
      label: labels[row]!,
      weight: weights[row]!,
      masks:
        dropout > 0
          ? masks.map((mask, k) => mask.subarray(place * hidden[k]!, (place + 1) * hidden[k]!))
          : [],
    }));
    const lossAt = (at: number, by: number) => {
      const moved = Float64Array.from(parameters);
      moved[at]! += by;
      return lossOf(architecture, moved, rows, dropoutScale(dropout));
    };
    const step = 1e-5;
    for (let at = 0; at < parameters.length; at++) {
      const expected = (lossAt(at, step) - lossAt(at, -step)) / (2 * step);
      expect(Math.abs(gradient[at]! - expected), `parameter ${at}`).toBeLessThan(2e-6);
    }
    expect(parametersOf(architecture).length).toBe(architecture.embeddings.length + 2 * (hidden.length + 1));
  });
});
