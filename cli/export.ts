import { Option } from 'commander';
import { type ExportOptions, exportFormats } from '../library/export.ts';
import { count, print, table } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

export const exportCommand = command(
  'export',
  "write a study's trials as Optuna, pandas and others read them",
)
  .argument('<study>', 'its id, its folder, or the name of its specification: the newest of that name')
  .addOption(
    new Option('--format <format>', 'a log that Optuna and optuna-dashboard open, or a table')
      .choices(exportFormats)
      .makeOptionMandatory(),
  )
  .option('--out <file>', 'where it is written; <id>.csv … in the current folder where it is left out')
  .option('--rungs', 'of a table: a row a rung, in place of a row a trial')
  .action((study: string, options: Options & ExportOptions) =>
    withFanfare({ ...options, mlflow: false }, async (fanfare) => {
      const document = await fanfare.export(study, options);
      print(options.json, document, [
        ...table([
          ['study', document.study],
          ['trials', count(document.trials)],
          [document.format, `${document.file} (${count(document.bytes)} bytes)`],
        ]),
        ...(document.format === 'optuna-journal'
          ? [`optuna-dashboard ${document.file} shows it; in Python its name is ${document.study}`]
          : []),
      ]);
    }),
  );
