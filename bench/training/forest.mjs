/**
 * `forest` at scikit-learn's defaults, full depth, one thread; numbers with a third of the features a node, as Breiman has them.
 *
 * @type {import('../suites/training.mjs').Trainee}
 */
export const forest = {
  peers: [{ name: 'scikit-learn', script: 'forest_tables.py' }],
  cases: [
    {
      name: 'numeric',
      kind: 'numeric',
      rows: 200_000,
      score: 'AUC',
      params: { max_features: 'sqrt', oob_score: false },
      rounds: 50,
    },
    {
      name: 'missing',
      kind: 'missing',
      rows: 200_000,
      score: 'AUC',
      params: { max_features: 'sqrt', min_samples_leaf: 5, oob_score: false },
      rounds: 50,
    },
    {
      name: 'categories',
      kind: 'categories',
      rows: 200_000,
      score: 'AUC',
      params: { max_features: 'sqrt', min_samples_leaf: 5, oob_score: false },
      rounds: 50,
    },
    {
      name: 'multiclass',
      kind: 'multiclass',
      rows: 50_000,
      score: 'accuracy',
      params: { max_features: 'sqrt', oob_score: false },
      rounds: 100,
    },
    {
      name: 'regression',
      kind: 'regression',
      rows: 200_000,
      score: 'RMSE',
      params: { max_features: 0.33, min_samples_leaf: 5, oob_score: false },
      rounds: 50,
    },
  ],
};
