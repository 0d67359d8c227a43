const table = { rows: 10_000_000, features: 20, maker: 'make_partitions.py' };

/**
 * `linear` from partitions on a disk, read anew in each pass, beside scikit-learn with all of the table in memory: all that both
 * do from there, standardising included.
 *
 * @type {import('../suites/training.mjs').Trainee}
 */
export const linear = {
  driver: 'partitions-trainer',
  peers: [{ name: 'scikit-learn', script: 'linear_tables.py' }],
  cases: [
    { ...table, name: 'ridge', kind: 'regression', score: 'RMSE', params: { alpha: 1 }, rounds: 1 },
    {
      ...{
        ...table,
        name: 'lasso',
        kind: 'regression',
        score: 'RMSE',
        params: { penalty: 'l1', alpha: 0.01 },
      },
      rounds: 1,
    },
    { ...table, name: 'logistic', kind: 'numeric', score: 'AUC', params: { C: 1 }, rounds: 100 },
  ],
};
