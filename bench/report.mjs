import { availableParallelism, cpus, totalmem } from 'node:os';

/**
 * @typedef {Record<string, any> & { contender: string }} Measured What one contender's run gave.
 * @typedef {readonly [title: string, key: string, digits?: number]} Column Of a number; of text where it has no digits.
 * @typedef {{ title: string, columns: string[], rows: string[][], notes: string[], records: Measured[] }} Report
 */

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `4.2`, of several runs `4.2 (3.9–4.6)`: the median and the range. A dash where there is none. */
export function figure(values, digits) {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return '–';
  const text = (value) =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [least, middle, most] = [Math.min(...known), median(known), Math.max(...known)].map(text);
  return least === most ? middle : `${middle} (${least}–${most})`;
}

/**
 * One row a contender: the median and the range of its runs.
 *
 * @param {string} title
 * @param {readonly Measured[]} records
 * @param {readonly Column[]} columns
 * @param {readonly string[]} [notes]
 * @returns {Report}
 */
export function reportOf(title, records, columns, notes = []) {
  const contenders = [...new Set(records.map(({ contender }) => contender))];
  const rows = contenders.map((contender) => {
    const own = records.filter((record) => record.contender === contender);
    const cells = columns.map(([, key, digits]) =>
      digits === undefined
        ? String(own[0][key] ?? '–')
        : figure(
            own.map((record) => record[key]),
            digits,
          ),
    );
    return [contender, ...cells];
  });
  return {
    title,
    columns: ['', ...columns.map(([name]) => name)],
    rows,
    notes: [...notes],
    records: [...records],
  };
}

/**
 * How many times the peer's figure is ours, run by run, since both of a run met the same machine.
 *
 * @param {readonly Measured[]} records
 * @param {string} peer
 * @param {string} key
 */
export function timesOurs(records, peer, key) {
  const of = (contender) => records.filter((record) => record.contender === contender);
  const theirs = of(peer);
  return of(ours).flatMap(({ run, [key]: own }) => {
    const other = theirs.find((record) => record.run === run)?.[key];
    return other === undefined || !own ? [] : [other / own];
  });
}

export const ours = 'Fanfare';

/** @param {Report} report */
export function markdown({ title, columns, rows, notes }) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const ruler = columns.map((_, place) => (place === 0 ? '---' : '---:'));
  return [
    `### ${title}`,
    '',
    line(columns),
    line(ruler),
    ...rows.map(line),
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

export function machine() {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} cores, ${gigabytes} GiB, ${process.platform}, Node ${process.versions.node}`;
}
