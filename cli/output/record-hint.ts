import type { JobDocument } from '../../library/documents.ts';
import { type Options, placeOf } from '../session.ts';

/** How to see the record of a job: in MLflow, or how to send what it does not have yet. */
export function recordHint(document: JobDocument, options: Options): (readonly [string, string])[] {
  if (!('mlflow' in document)) return [];
  const { uri, waiting } = document.mlflow;
  const named = process.env.MLFLOW_TRACKING_URI;
  const at = placeOf({ ...options, mlflow: true });
  const sends =
    options.engine === 'aws'
      ? `the stack sends them: npx fanfare status${at}`
      : `npx fanfare sync${at} sends them (MLFLOW_TRACKING_URI names another server)`;
  return [
    ...(uri === null
      ? []
      : [['mlflow', named || `npx fanfare mlflow${at} serves the record and prints its address`] as const]),
    ...(waiting === 0
      ? []
      : [
          [
            'to be sent',
            `${waiting} records wait for MLflow${options.engine === 'aws' ? '; ' : ': '}${sends}`,
          ] as const,
        ]),
  ];
}
