import type { BuiltIn } from '../contracts/names.ts';
import type { Task } from '../contracts/task.ts';

/** The scheduler and the axes that are worth a first search, by the trainable, the task and how many rows there are. */
export function spaceLines(
  { trainable, rows }: { readonly trainable: BuiltIn; readonly rows: number },
  task: Task['kind'],
): string[] {
  return [
    ...schedulerLines[trainable],
    '  # The axes of the search: { low, high }, [one, or, another], or a value.',
    '  space:',
    ...axes(rows, task)[trainable].map((axis) => `    ${axis}`),
  ];
}

const asha = (min: number, max: number, resource: string): string[] => [
  `  # The worse two of three trials end after ${min} ${resource}, of the others again after three times as many.`,
  `  scheduler: { kind: asha, min: ${min}, max: ${max}, eta: 3 }`,
];

const schedulerLines: Readonly<Record<BuiltIn, readonly string[]>> = {
  gbdt: asha(10, 100, 'rounds'),
  forest: asha(20, 200, 'trees'),
  mlp: asha(3, 27, 'epochs'),
  linear: ['  # Every trial is trained to the end.', '  scheduler: { kind: none, max: 100 }'],
};

function axes(rows: number, task: Task['kind']): Readonly<Record<BuiltIn, readonly string[]>> {
  // A leaf of a twentieth of all rows tells little apart already.
  const leaf = Math.max(10, Math.min(500, Math.floor(rows / 20)));
  return {
    gbdt: [
      'learning_rate: { low: 0.01, high: 0.5, log: true }',
      `leaves: { low: 4, high: ${Math.max(8, Math.min(255, Math.floor(rows / 10)))}, log: true, integer: true }`,
      `min_data: { low: 2, high: ${leaf}, log: true, integer: true }`,
      'l2: { low: 0.000001, high: 10, log: true }',
      'feature_fraction: { low: 0.4, high: 1 }',
    ],
    forest: [
      'max_features: { low: 0.1, high: 1 }',
      `min_samples_leaf: { low: 1, high: ${Math.min(50, leaf)}, log: true, integer: true }`,
    ],
    linear: [
      'penalty: [l2, l1]',
      task === 'regression'
        ? 'alpha: { low: 0.001, high: 100, log: true }'
        : 'C: { low: 0.001, high: 100, log: true }',
    ],
    mlp: [
      'hidden_layer_sizes: ["64,32", "128,64", "256,128"]',
      'learning_rate_init: { low: 0.0005, high: 0.02, log: true }',
      'alpha: { low: 0.0001, high: 10, log: true }',
      'dropout: { low: 0, high: 0.4 }',
    ],
  };
}
