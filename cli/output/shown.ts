import { inputText } from '../../core/report/input-text.ts';
import type { DatasetShown, PredictionShown, ShowDocument } from '../../library/show.ts';
import { dateText, paragraphs, took } from './entries.ts';
import { grid } from './grid.ts';
import { count, placeOfKey, table } from './print.ts';
import { studyShownLines } from './shown-study.ts';

type Row = readonly [string, string];

/** For a person; `most` bounds each list. */
export function shownLines(shown: ShowDocument, most: number): string[] {
  switch (shown.kind) {
    case 'study':
      return studyShownLines(shown, most);
    case 'prediction':
      return predictionShownLines(shown, most);
    case 'dataset':
      return datasetShownLines(shown);
  }
}

function predictionShownLines({ prediction, retries, store }: PredictionShown, most: number): string[] {
  const { rows, predicted, rejected, parts, model, modelName, startedAt, committedAt, format } = prediction;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  return paragraphs(
    table([
      ['prediction', placeOfKey(store, `predictions/${prediction.prediction}/`)],
      ['began', `${dateText(startedAt)}, took ${took(startedAt, committedAt)}`],
      ['input', inputText(prediction)],
      ['model', modelName ? `${modelName} (sha256:${model})` : `sha256:${model}`],
      ['rows', `${count(rows)} = ${count(predicted)} predicted + ${count(rejected)} rejected`],
      ['files', `${count(parts.length)} of ${format}, ${count(bytes)} bytes`],
      ...(retries.length > 0 ? [['retried by', retries.join(', ')] as const] : []),
      ...driftRows(prediction.drift),
    ]),
    rejectLines(prediction.reasons),
    driftLines(prediction.drift, most),
    partLines(parts, most),
  );
}

type Drift = PredictionShown['prediction']['drift'];

function driftRows(drift: Drift): Row[] {
  if (drift.kind === 'unknown') return [['drift', `not known: ${drift.reason}`]];
  const { level, columns, major, moderate } = drift;
  return [['drift', `${level}: of ${columns} columns ${major} major, ${moderate} moderate`]];
}

const driftLines = (drift: Drift, most: number): string[] =>
  drift.kind === 'unknown'
    ? []
    : grid(
        [{ head: 'drifted column', flexible: true }, { head: 'psi', right: true }, { head: 'level' }],
        [...drift.scores, ...drift.worst]
          .slice(0, most)
          .map(({ name, psi, level }) => [name, psi.toFixed(3), level]),
      );

const rejectLines = (reasons: PredictionShown['prediction']['reasons']): string[] =>
  reasons.length === 0
    ? []
    : grid(
        [
          { head: 'rejected', right: true },
          { head: 'column' },
          { head: 'why', flexible: true },
          { head: 'first' },
        ],
        reasons.map(({ rows, column, reason, example }) => [
          ...[count(rows), column, reason, `${example.file}, row ${example.row}`],
        ]),
      );

function partLines(parts: PredictionShown['prediction']['parts'], most: number): string[] {
  const more = parts.length - most;
  return [
    ...grid(
      [{ head: 'file' }, { head: 'rows', right: true }, { head: 'bytes', right: true }, { head: 'from' }],
      parts
        .slice(0, most)
        .map(({ key, rows, bytes, from }) => [
          ...[key.split('/').slice(2).join('/'), count(rows), count(bytes), `${from.file}, row ${from.row}`],
        ]),
    ),
    ...(more > 0 ? [`${count(more)} more files: --json has all`] : []),
  ];
}

function datasetShownLines({ dataset, store }: DatasetShown): string[] {
  const { rows, folds, partitions, fields } = dataset;
  const files = Object.values(partitions).reduce((sum, of) => sum + of.length, 0);
  return paragraphs(
    table([
      ['dataset', placeOfKey(store, `datasets/${dataset.dataset}/`)],
      ['committed', dateText(dataset.committedAt)],
      ['table', dataset.table],
      ...(dataset.mapped ? [['mapped from', dataset.mapped.from] as const] : []),
      [
        'rows',
        `${count(rows.train)} train · ${count(rows.validation)} validation · ${count(rows.test)} test`,
      ],
      ...(folds
        ? [['folds', `${folds.count}${folds.ordered ? ', in the order of time' : ''}`] as const]
        : []),
      ['partitions', count(files)],
    ]),
    grid(
      [{ head: 'column' }, { head: 'type' }],
      fields.map(({ name, type }) => [name, type]),
    ),
  );
}
