import * as z from 'zod';
import { FanfareError } from '../core/errors.ts';
import { listPending } from '../core/steps/pending.ts';
import type { ObjectStore } from '../core/store.ts';
import { print } from './output/print.ts';
import { command, type Options, withSession } from './session.ts';

const Answer = z.object({
  recorded: z.boolean(),
  reason: z.string().optional(),
  decision: z.string().optional(),
});

export const syncCommand = command('sync', 'send MLflow what it does not have yet').action(
  async (options: Options) => {
    await withSession(options, async ({ engine, mlflow }) => {
      if (engine.kind === 'aws') return showWaiting(engine.store, options);
      if ((await mlflow) === undefined) {
        throw new FanfareError(
          'TrackerUnavailable',
          'there is no MLflow to send to: name a server in MLFLOW_TRACKING_URI, or install Python 3.10 or newer and run npm start once',
        );
      }
      const sent = [];
      for (const pending of await listPending(engine.store)) {
        sent.push({ ...pending, ...Answer.parse(await engine.invoke('aggregate', pending)) });
      }
      const [first] = sent;
      if (first !== undefined && !sent.some(({ recorded }) => recorded)) {
        throw new FanfareError(
          'TrackerUnavailable',
          `${first.reason}; nothing was sent, ${sent.length} records still wait`,
        );
      }
      const left = await listPending(engine.store);
      print(options.json, { sent, left }, [
        ...sent.map(({ kind, ...what }) => {
          const id = 'study' in what ? what.study : 'prediction' in what ? what.prediction : what.evaluation;
          return `${kind} ${id}: ${what.recorded ? (what.decision ?? 'recorded') : what.reason}`;
        }),
        left.length === 0 ? 'MLflow has everything' : `${left.length} records still wait`,
      ]);
      if (left.length > 0) process.exitCode = 1;
    });
  },
);

/** On AWS only the stack's own function talks to MLflow, and its schedule has it look every few minutes. */
async function showWaiting(store: ObjectStore, { json }: Options): Promise<void> {
  const left = await listPending(store);
  print(json, { sent: [], left }, [
    left.length === 0
      ? 'MLflow has everything'
      : `${left.length} records wait: the stack sends them by itself, every few minutes`,
  ]);
  if (left.length > 0) process.exitCode = 1;
}
