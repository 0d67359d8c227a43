import { figure, ours, reportOf, timesOurs } from '../report.mjs';
import { cases, contendersOf, peerNames, requireSameScores, runtime, runtimeAlone } from '../scoring.mjs';

/**
 * A table of 28 floats scored by an ONNX model, from files to files, by this project and by what else would do it. Beside them,
 * ONNX Runtime on tensors that are in memory already: what is left of its rate tells what reading and writing cost.
 *
 * @param {import('../bench.mjs').Bench} bench
 */
export async function run(bench) {
  const rows = bench.rows(10_000_000);
  const reports = [];
  for (const name of bench.only(cases)) {
    const contenders = [
      ...(await contendersOf(bench, name, rows)),
      runtimeAlone(name, Math.min(rows, 2_000_000)),
    ];
    const records = await bench.interleave(contenders, bench.runs(3));
    requireSameScores(records);
    const title = `predict ${name}: ${rows.toLocaleString('en-US')} rows`;
    reports.push(reportOf(title, records, columns, notesOf(records)));
  }
  return reports;
}

/** @type {readonly import('../report.mjs').Column[]} */
const columns = [
  ['predict s', 'predict', 1],
  ['rows a second', 'rate', 0],
  ['(start s)', 'start', 1],
  ['(command s)', 'seconds', 1],
  ['CPU s', 'cpuSeconds', 1],
  ['rows a CPU second', 'cpuRate', 0],
  ['peak MiB', 'peakMiB', 0],
];

function notesOf(records) {
  const shares = timesOurs(records, runtime, 'cpuRate').map((times) => 1 / times);
  const compared = peerNames.filter((peer) => records.some(({ contender }) => contender === peer));
  return [
    ...compared.map((peer) => {
      const [clock, cpu] = ['predict', 'cpuSeconds'].map((key) => figure(timesOurs(records, peer, key), 2));
      return `${peer} takes ${clock} times the seconds of ${ours}, ${cpu} times the CPU seconds`;
    }),
    `${ours} reaches ${figure(shares, 2)} of what ${runtime} does a CPU second`,
  ];
}
