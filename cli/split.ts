import { join, resolve } from 'node:path';
import { SplitAnswer } from './output/answers.ts';
import { print, table } from './output/print.ts';
import { filesOf, splitRows } from './output/rows.ts';
import { command, loadSpec, type Options, runFlow, withSession } from './session.ts';

export const splitCommand = command(
  'split',
  'split a table into train, validation and test partitions, with a profile of each',
)
  .argument('<spec>', 'a specification in YAML')
  .action(async (file: string, options: Options) => {
    const spec = await loadSpec(file);
    await withSession({ ...options, mlflow: false }, async (session) => {
      const split = SplitAnswer.parse(await runFlow(session, 'split', spec, {}));
      const files = filesOf({ split });
      const store = join(resolve(options.home), 'store');
      const seconds = session.progress.seconds();
      print(
        options.json,
        { split: split.rows, dataset: split.dataset, seconds, store, files },
        table([...splitRows(split), ['dataset', join(store, files.dataset!)]]),
      );
    });
  });
