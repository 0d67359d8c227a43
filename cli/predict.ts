import { join, resolve } from 'node:path';
import { PredictAnswer } from './output/answers.ts';
import { print, table } from './output/print.ts';
import { recordHint } from './output/record-hint.ts';
import { filesOf, predictDocument, predictRows } from './output/rows.ts';
import { command, loadSpec, type Options, runFlow, withSession } from './session.ts';

export const predictCommand = command('predict', 'predict every row of a table with a registered model')
  .argument('<spec>', 'a specification in YAML: predict.table, or else its table')
  .option('--model <uri>', 'models:/name@alias, models:/name/3 or sha256:<digest>; the champion by default')
  .action(async (file: string, options: Options & { readonly model?: string }) => {
    const spec = await loadSpec(file);
    await withSession(options, async (session) => {
      const input = { model: options.model ?? null, dataset: null };
      const predict = PredictAnswer.parse(await runFlow(session, 'predict', spec, input));
      const files = filesOf({ predict });
      const store = join(resolve(options.home), 'store');
      print(
        options.json,
        { predict: predictDocument(predict), seconds: session.progress.seconds(), store, files },
        table([
          ...predictRows(predict),
          ['prediction', join(store, files.prediction!)],
          ...(await recordHint(session, options)),
        ]),
      );
    });
  });
