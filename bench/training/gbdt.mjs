const rounds = 100;
const params = { learning_rate: 0.1, leaves: 31, min_data: 20 };

/**
 * `gbdt` at the settings of the field, one thread.
 *
 * @type {import('../suites/training.mjs').Trainee}
 */
export const gbdt = {
  peers: [
    { name: 'LightGBM', script: 'lightgbm_tables.py' },
    { name: 'scikit-learn', script: 'histgb_tables.py' },
  ],
  cases: [
    { name: 'numeric', kind: 'numeric', rows: 200_000, score: 'AUC', params, rounds },
    { name: 'missing', kind: 'missing', rows: 200_000, score: 'AUC', params, rounds },
    { name: 'categories', kind: 'categories', rows: 200_000, score: 'AUC', params, rounds },
    { name: 'multiclass', kind: 'multiclass', rows: 50_000, score: 'accuracy', params, rounds },
    { name: 'regression', kind: 'regression', rows: 200_000, score: 'RMSE', params, rounds },
  ],
};
