import { listPending } from '../../core/steps/pending.ts';
import type { Options, Session } from '../session.ts';

/** How to see the record: in MLflow, or how to send what it does not have yet. */
export async function recordHint(
  { engine, mlflow }: Session,
  { home }: Options,
): Promise<(readonly [string, string])[]> {
  const at = home === '.fanfare' ? '' : ` --home ${home}`;
  const uri = process.env.MLFLOW_TRACKING_URI;
  const pending = await listPending(engine.store);
  return [
    ...((await mlflow) === undefined
      ? []
      : [['mlflow', uri ?? `npx fanfare mlflow${at} serves the record and prints its address`] as const]),
    ...(pending.length === 0
      ? []
      : [
          [
            'to be sent',
            `${pending.length} records wait for MLflow: npx fanfare sync${at} sends them (MLFLOW_TRACKING_URI names another server)`,
          ] as const,
        ]),
  ];
}
