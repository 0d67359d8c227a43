import type { Prediction } from '../contracts/records.ts';
import { cell } from './markdown.ts';
import type { ModelVersion } from './tracker.ts';

/** Markdown for a prediction's page: which version, how many rows came through, why others did not, and how far they drifted. */
export function predictionNote(
  { model, rows, predicted, rejected, reasons, drift }: Prediction,
  version: ModelVersion | undefined,
): string {
  const by = version
    ? `[version ${version.version} of ${version.name}](#/models/${encodeURIComponent(version.name)}/versions/${version.version})`
    : `the model ${model.slice(0, 12)}, which no version was made of`;
  const count = (value: number) => value.toLocaleString('en-US');
  const why = reasons.map(
    ({ column, reason, rows }) => `| ${cell(column)} | ${cell(reason)} | ${count(rows)} |`,
  );
  return [
    `${count(predicted)} of ${count(rows)} rows predicted by ${by}, ${count(rejected)} rejected.`,
    ...(why.length > 0 ? ['', '| column | why rejected | rows |', '|---|---|---:|', ...why] : []),
    '',
    driftText(drift),
  ].join('\n');
}

function driftText(drift: Prediction['drift']): string {
  if (drift.kind === 'unknown') return `Drift is not known: ${drift.reason}.`;
  const { level, columns, moderate, major, worst } = drift;
  const [first] = worst;
  const most = first ? `; most of all ${first.name} (index ${first.psi.toFixed(3)})` : '';
  return `Drift: ${level}. Of ${columns} columns ${major} moved far and ${moderate} somewhat${most}.`;
}
