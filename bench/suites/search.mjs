import { median } from '../report.mjs';
import { functions } from '../search/functions.mjs';

/** Ours by the kind of sampler, and what the specification says of it. */
const samplers = ['random', 'sobol', 'tpe', 'cmaes', 'gp'];
const theirs = ['random', 'tpe', 'cmaes', 'gp'];
/** Those that take seconds a trial are given fewer. */
const fewer = { gp: 60 };

/**
 * How near to a function's least value a search comes, one trial after the other: the regret of the trial that it would choose.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const { regretOf, searchOptuna, searchOurs } = await import('../search/minimise.mjs');
  const [seeds, trials] = [bench.runs(15), bench.trials(100)];
  const chosen = new Set(bench.only(functions.map(({ name }) => name)));
  const optuna = bench.peers ? await bench.startPeer('optuna_search.py', []) : undefined;
  const records = [];
  try {
    for (const one of functions.filter(({ name }) => chosen.has(name))) {
      bench.log(`${one.name} …`);
      for (let seed = 0; seed < seeds; seed++) {
        const count = (sampler) => Math.min(trials, fewer[sampler] ?? trials);
        const record = (contender, told) =>
          records.push({ contender, function: one.name, seed, regret: regretOf(one, told) });
        for (const sampler of samplers) record(sampler, searchOurs(sampler, one, seed, count(sampler)));
        for (const sampler of optuna ? theirs : []) {
          record(`Optuna ${sampler}`, await searchOptuna(optuna, sampler, one, seed, count(sampler)));
        }
      }
    }
  } finally {
    await optuna?.stop();
  }
  return reportOf(records, seeds, trials);
}

function reportOf(records, seeds, trials) {
  const contenders = [...new Set(records.map(({ contender }) => contender))];
  const names = [...new Set(records.map((record) => record.function))];
  const of = (name, contender) =>
    records
      .filter((record) => record.function === name && record.contender === contender)
      .map(({ regret }) => regret);
  return {
    title: `search: ${trials} trials (gp: at most ${fewer.gp}), ${seeds} seeds, the median distance from the least value (quartiles)`,
    columns: ['', ...contenders],
    rows: names.map((name) => [name, ...contenders.map((contender) => quartiles(of(name, contender)))]),
    notes: [],
    records,
  };
}

function quartiles(values) {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 1) return sorted[0].toPrecision(3);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))].toPrecision(2);
  return `${median(sorted).toPrecision(3)} (${at(0.25)}–${at(0.75)})`;
}
