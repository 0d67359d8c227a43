import type { RetryOptions } from '../library/retry.ts';
import { report } from './output/report.ts';
import { command, type Options, withFanfare } from './session.ts';

export const retryRejectsCommand = command(
  'retry-rejects',
  'predict only the rows that a prediction rejected, mended or by another specification or model',
)
  .argument('<prediction>', 'its id, its folder, or the name of its specification: the newest of that name')
  .option(
    '--from <file>',
    'an edited copy of lines of its rejects/, with raw mended; the others stay as they are',
  )
  .option('--spec <file>', 'another specification: types in table.columns, preprocess, tolerance …')
  .option('--model <uri>', 'another model, in any form that fanfare predict takes; its own by default')
  .action((prediction: string, options: Options & RetryOptions) =>
    withFanfare(options, async (fanfare) => report(await fanfare.retryRejects(prediction, options), options)),
  );
