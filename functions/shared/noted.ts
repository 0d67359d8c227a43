import { measures } from '../../core/contracts/measures.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What every log line of an invocation carries: the study, claim, shard, job and execution that it is about. */
export function subjectOf(request: unknown): Record<string, string | number> {
  const { study, claim, job, shard, execution, lane, kind, detail, prediction, evaluation } =
    fieldsOf(request);
  const [, number] = /\/claims\/(\d+)\.json$/.exec(String(claim ?? '')) ?? [];
  const upload = fieldsOf(fieldsOf(detail).object).key;
  return Object.fromEntries(
    Object.entries({
      ...{ execution, study, lane, claim: count(number) },
      ...{ job, shard, kind, prediction, evaluation, upload },
    }).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[key, value] as const] : [],
    ),
  );
}

export interface Measured {
  readonly name: string;
  readonly unit: 'Count' | 'Seconds';
  readonly value: number;
}

/** What the answer says that a dashboard shows, and the request where the answer is silent. */
export function measured(request: unknown, answer: unknown): Measured[] {
  const { predicted, rejected, outcome, recorded, left, refused, started } = fieldsOf(answer);
  const trained = fieldsOf(outcome);
  const told = fieldsOf(fieldsOf(request).outcome);
  return [
    ...(typeof predicted === 'number' ? [counted(measures.rowsPredicted, predicted)] : []),
    ...(typeof rejected === 'number' ? [counted(measures.rowsRejected, rejected)] : []),
    ...(trained.kind === 'reported' ? [counted(measures.rungsTrained, 1)] : []),
    ...(typeof trained.seconds === 'number'
      ? [{ name: measures.trainingSeconds, unit: 'Seconds', value: trained.seconds } as const]
      : []),
    ...(told.kind === 'failed' ? [counted(measures.trialsFailed, 1)] : []),
    ...(recorded === false ? [counted(measures.recordsDeferred, 1)] : []),
    ...(typeof left === 'number' ? [counted(measures.pendingRecords, left)] : []),
    ...(refused === undefined ? [] : [counted(measures.uploadsRefused, 1)]),
    ...(started === true ? [counted(measures.uploadsStarted, 1)] : []),
  ];
}

const counted = (name: string, value: number): Measured => ({ name, unit: 'Count', value });

const count = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Number(digits);

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
