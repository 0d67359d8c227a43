import type { PredictionPart } from '../../core/contracts/report.ts';
import { element, plainTable } from '../dom.ts';
import { card } from '../figure.ts';
import { duration, number, percent, plural, time } from '../format.ts';
import { factList, tiles } from '../tiles.ts';
import { columnDrift, driftBars } from './drift.ts';
import { shards, throughput } from './shards.ts';

/** Everything about a prediction. */
export function predictionSections(part: PredictionPart): readonly HTMLElement[] {
  const drawn = [throughput(part), shards(part), ...driftFigures(part)];
  return [
    headline(part),
    card('How it was made', undefined, false, factList(part.facts)),
    rejects(part),
    ...drawn.flatMap((one) => (one ? [one.section] : [])),
  ];
}

function headline({ rows, predicted, rejected, took, began, bytes, drift }: PredictionPart): HTMLElement {
  const share = rows > 0 ? rejected / rows : 0;
  return tiles([
    ['rows', number(rows), `${number(predicted)} predicted`],
    ['rejected', number(rejected), rejected > 0 ? percent(share) : 'every row was predicted'],
    ['time', duration(took), `began ${time(began)}`],
    [
      'throughput',
      `${number(Math.round((1000 * rows) / Math.max(1, took)))} rows/s`,
      `${number(Math.round(bytes / 1000))} kB written`,
    ],
    [
      'drift',
      drift.kind === 'compared' ? drift.level : 'unknown',
      drift.kind === 'compared' ? `beside ${drift.trained}` : drift.reason,
    ],
  ]);
}

function driftFigures({ drift }: PredictionPart) {
  if (drift.kind === 'unknown') return [];
  return [
    driftBars(drift),
    ...drift.scores.map((column) => columnDrift(column, 'Scores', 'the validation rows')),
    ...drift.columns.slice(0, 12).map((column) => columnDrift(column, 'Column', 'training')),
  ];
}

function rejects({ rejected, reasons, rejects: some }: PredictionPart): HTMLElement {
  if (rejected === 0) return card('Rejects', 'None: every row was predicted.', false);
  return card(
    `Rejects: ${plural(rejected, 'row')}`,
    'The most frequent reasons, then the first rows as they stand in their files.',
    false,
    plainTable('Reasons', {
      columns: ['column', 'reason', 'rows', 'for example'],
      rows: reasons.map(({ column, reason, rows, example }) => [
        column || '(the row)',
        reason,
        number(rows),
        `${example.file} row ${example.row}: ${example.reason}`,
      ]),
    }),
    element(
      'details',
      {},
      element('summary', {}, `The first ${some.length}`),
      plainTable('Rejected rows', {
        columns: ['row', 'column', 'reason', 'text', 'file'],
        rows: some.map(({ file, row, column, reason, raw }) => [
          String(row),
          column || '(the row)',
          reason,
          raw,
          file,
        ]),
      }),
    ),
  );
}
