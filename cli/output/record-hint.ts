import { listPending } from '../../core/steps/pending.ts';
import type { Options, Session } from '../session.ts';

/** How to see the record: in MLflow, or how to send what it does not have yet. */
export async function recordHint(
  { engine, mlflow }: Session,
  { home, stack }: Options,
): Promise<(readonly [string, string])[]> {
  if (engine.kind === 'aws') {
    const waiting = (await listPending(engine.store)).length;
    const at = stack === 'Fanfare' ? '' : ` --stack ${stack}`;
    return waiting === 0
      ? []
      : [
          [
            'to be sent',
            `${waiting} records wait for MLflow; the stack sends them: npx fanfare status --engine aws${at}`,
          ],
        ];
  }
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
