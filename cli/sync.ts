import { exitCodes } from './output/exit-codes.ts';
import { print } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

export const syncCommand = command('sync', 'send MLflow what it does not have yet').action(
  (options: Options) =>
    withFanfare(options, async (fanfare) => {
      const { sent, left } = await fanfare.sync();
      const onAws = options.engine === 'aws' ? ': the stack sends them by itself, every few minutes' : '';
      print(options.json, { sent, left }, [
        ...sent.map(({ kind, ...what }) => {
          const id = 'study' in what ? what.study : 'prediction' in what ? what.prediction : what.evaluation;
          return `${kind} ${id}: ${what.recorded ? (what.decision ?? 'recorded') : what.reason}`;
        }),
        left.length === 0
          ? 'MLflow has everything'
          : `${left.length} records ${onAws ? 'wait' : 'still wait'}${onAws}`,
      ]);
      if (left.length > 0) process.exitCode = exitCodes.recordWaits;
    }),
);
