const rounds = 5;
const small = { hidden_layer_sizes: '64,32', batch_size: 256, learning_rate_init: 0.001, alpha: 0.0001 };
const large = { ...small, hidden_layer_sizes: '128,128', batch_size: 1024 };

/**
 * `mlp` for a few epochs, one thread.
 *
 * @type {import('../suites/training.mjs').Trainee}
 */
export const mlp = {
  peers: [{ name: 'scikit-learn', script: 'mlp_tables.py' }],
  cases: [
    { name: 'small', kind: 'numeric', rows: 200_000, score: 'AUC', params: small, rounds },
    { name: 'large', kind: 'numeric', rows: 200_000, score: 'AUC', params: large, rounds },
    { name: 'multiclass', kind: 'multiclass', rows: 200_000, score: 'accuracy', params: large, rounds },
    { name: 'regression', kind: 'regression', rows: 200_000, score: 'RMSE', params: small, rounds },
  ],
};
