import { join } from 'node:path';
import { median } from '../report.mjs';
import { functions } from '../search/functions.mjs';

const ours = ['tpe', 'cmaes', 'gp'];
const fewer = { gp: 60 };
const many = 8;

/**
 * What a search by eight lanes at once loses against one trial after the other: how many times the regret, on a simulated clock
 * with durations whose tail is heavy.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const { searchOptuna, searchOurs } = await import('../search/contenders.mjs');
  const { keptIn } = await import('../search/kept.mjs');
  const [seeds, trials] = [bench.runs(15), bench.trials(100)];
  const chosen = new Set(bench.only(functions.map(({ name }) => name)));
  const optuna = bench.peers ? await bench.startPeer('optuna_search.py', []) : undefined;
  const kept = keptIn(join(bench.results, 'search-peers.jsonl'));
  const records = [];
  try {
    for (const one of functions.filter(({ name }) => chosen.has(name))) {
      bench.log(`${one.name} …`);
      for (let seed = 0; seed < seeds; seed++) {
        for (const lanes of [1, many]) {
          for (const sampler of ours) {
            const count = Math.min(trials, fewer[sampler] ?? trials);
            const record = (contender, { regret }) =>
              records.push({ contender, lanes, function: one.name, seed, regret });
            record(sampler, await searchOurs(sampler, one, seed, count, lanes));
            if (optuna)
              record(`Optuna ${sampler}`, await searchOptuna(optuna, kept, sampler, one, seed, count, lanes));
          }
        }
      }
    }
  } finally {
    await optuna?.stop();
  }
  return reportOf(records, `search-lanes: ${trials} trials (gp: at most ${fewer.gp}), ${seeds} seeds`);
}

/** @param {any[]} records */
function reportOf(records, title) {
  const contenders = [...new Set(records.map(({ contender }) => contender))];
  const names = [...new Set(records.map((record) => record.function))];
  const medianOf = (name, contender, lanes) =>
    median(
      records
        .filter((each) => each.function === name && each.contender === contender && each.lanes === lanes)
        .map(({ regret }) => regret),
    );
  const lost = (name, contender) => medianOf(name, contender, many) / medianOf(name, contender, 1);
  const geometric = (contender) =>
    Math.exp(names.reduce((sum, name) => sum + Math.log(lost(name, contender)), 0) / names.length);
  return {
    title: `${title}, how many times the median regret is with ${many} lanes`,
    columns: ['', ...contenders],
    rows: [
      ...names.map((name) => [name, ...contenders.map((contender) => lost(name, contender).toFixed(2))]),
      ['geometric mean', ...contenders.map((contender) => geometric(contender).toFixed(2))],
    ],
    notes: [],
    records,
  };
}
