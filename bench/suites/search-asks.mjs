import { median } from '../report.mjs';

/** Ten axes of all kinds. */
const space = {
  rate: { low: 1e-4, high: 1, log: true },
  l2: { low: 1e-6, high: 100, log: true },
  share: { low: 0.2, high: 1 },
  drop: { low: 0, high: 0.9 },
  momentum: { low: 0, high: 1 },
  smooth: { low: 0, high: 0.3 },
  depth: { low: 1, high: 16, integer: true },
  leaves: { low: 2, high: 1024, log: true, integer: true },
  rows: { low: 1, high: 500, log: true, integer: true },
  kind: ['a', 'b', 'c', 'd'],
};
const lossOf = ({ rate, share, depth, kind }) =>
  (Math.log10(rate) + 2) ** 2 + (share - 0.6) ** 2 + 0.02 * (depth - 7) ** 2 + (kind === 'b' ? 0 : 0.5);

const one = { name: 'ten axes', space, of: lossOf, least: 0 };
const cases = [
  ...['tpe', 'cmaes', 'gp', 'auto'].map((sampler) => ({ sampler, trials: 1000, asks: 20 })),
  ...['tpe', 'gp', 'auto'].map((sampler) => ({ sampler, trials: 10_000, asks: 10 })),
];
/** A Gaussian process over all trials: Optuna's takes minutes then. */
const beyondOptuna = ({ sampler }) => sampler === 'auto' || sampler === 'gp';

/**
 * The processor's seconds of one more ask where so many trials have ended: random ones, a half of them near the best.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const { endedIn, optunaFor, oursFor } = await import('../search/minimise.mjs');
  const { samplerOf } = await import('../search/contenders.mjs');
  const chosen = new Set(bench.only(['1000', '10000']));
  const optuna = bench.peers ? await bench.startPeer('optuna_search.py', []) : undefined;
  const records = [];
  try {
    for (const each of cases.filter(({ trials }) => chosen.has(String(trials)))) {
      const { sampler, trials } = each;
      bench.log(`${sampler}, ${trials} trials …`);
      const ended = endedIn(one, trials);
      const searchers = [['ours', oursFor(samplerOf(sampler, one, trials), one, 1, ended)]];
      if (optuna && !beyondOptuna(each))
        searchers.push(['Optuna', await optunaFor(optuna, sampler, one, 1, ended)]);
      for (const [contender, searcher] of searchers) {
        for (let ask = 0; ask < each.asks; ask++) {
          const { params, cpu_s: seconds } = await searcher.ask(trials + ask);
          records.push({ contender, sampler, trials, seconds });
          await searcher.tell(trials + ask, lossOf(params));
        }
      }
    }
  } finally {
    await optuna?.stop();
  }
  return reportOf(records);
}

/** @param {any[]} records */
function reportOf(records) {
  const ms = (seconds) => (1000 * seconds).toLocaleString('en-US', { maximumFractionDigits: 1 });
  const rows = [...new Set(records.map(({ sampler, trials }) => `${sampler}, ${trials} trials`))].map(
    (name) => [
      name,
      ...['ours', 'Optuna'].flatMap((contender) => {
        const took = records
          .filter((each) => each.contender === contender && `${each.sampler}, ${each.trials} trials` === name)
          .map(({ seconds }) => seconds)
          .sort((a, b) => a - b);
        if (took.length === 0) return ['–', '–'];
        return [ms(median(took)), ms(took[Math.ceil(0.95 * took.length) - 1])];
      }),
    ],
  );
  return {
    title: 'search-asks: processor milliseconds of an ask, ten axes of all kinds',
    columns: ['', 'ours: median', 'p95', 'Optuna: median', 'p95'],
    rows,
    notes: [],
    records,
  };
}
