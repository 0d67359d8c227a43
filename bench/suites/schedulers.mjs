import { median } from '../report.mjs';

const climbing = { min: 1, max: 81, eta: 3, race: true };
const stopping = { max: 81, interval: 9, warmup: 0 };
const schedulers = {
  none: { kind: 'none', max: 81 },
  successive_halving: { kind: 'successive_halving', ...climbing },
  'successive_halving in one bracket': { kind: 'successive_halving', ...climbing, bracket: 100_000 },
  asha: { kind: 'asha', ...climbing },
  hyperband: { kind: 'hyperband', ...climbing },
  median: { kind: 'median', startup: 5, ...stopping },
  percentile: { kind: 'percentile', percentile: 25, startup: 5, ...stopping },
  patience: { kind: 'patience', patience: 3, min_delta: 0.01, ...stopping },
};
const lanes = 8;

/**
 * How long eight lanes take until a trial has come to a loss that one random trial in a hundred comes to at the end, on a simulated
 * clock with durations whose tail is heavy; and what all trials of a study cost, and the best of them comes to.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const { most, play, targetOf } = await import('../search/curves.mjs');
  const [seeds, trials] = [bench.runs(15), bench.trials(400)];
  const target = targetOf(0.01);
  const records = [];
  for (const name of Object.keys(schedulers)) {
    bench.log(`${name} …`);
    for (let seed = 0; seed < seeds; seed++) {
      const { events } = play(schedulers[name], { seed, trials, lanes });
      const reached = events.find(({ loss }) => loss <= target);
      const [last, ended] = [events.at(-1), events.filter((event) => event.ended)];
      records.push({
        contender: name,
        seed,
        toTarget: (reached?.at ?? Infinity) / most,
        spentToTarget: (reached?.spent ?? Infinity) / most,
        time: last.at / most,
        spent: last.spent / most,
        best: Math.min(...ended.map(({ loss }) => loss)) - target,
      });
    }
  }
  return reportOf(records, `schedulers: ${trials} random trials, ${lanes} lanes, ${seeds} seeds`);
}

/** @param {any[]} records */
function reportOf(records, title) {
  const names = [...new Set(records.map(({ contender }) => contender))];
  const of = (name, key) => records.filter(({ contender }) => contender === name).map((each) => each[key]);
  const asha = of('asha', 'toTarget');
  return {
    title: `${title}, in units of training one trial to the end; medians (quartiles)`,
    columns: [
      '',
      'time to target',
      'times asha',
      'trained to target',
      'time in all',
      'trained in all',
      'best loss, from target',
    ],
    rows: names.map((name) => [
      name,
      quartiles(of(name, 'toTarget')),
      asha.length === 0 ? '' : (median(of(name, 'toTarget')) / median(asha)).toFixed(2),
      median(of(name, 'spentToTarget')).toFixed(1),
      median(of(name, 'time')).toFixed(1),
      median(of(name, 'spent')).toFixed(1),
      median(of(name, 'best')).toFixed(4),
    ]),
    notes: [],
    records,
  };
}

function quartiles(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.round(part * (sorted.length - 1))].toFixed(1);
  return `${median(values).toFixed(1)} (${at(0.25)}–${at(0.75)})`;
}
