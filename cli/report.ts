import { count, print, table } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

export const reportCommand = command(
  'report',
  'write one HTML file about a study, a prediction or a pipeline, which opens anywhere without a network',
)
  .argument(
    '<name>',
    "a study's or a prediction's id or folder, or the name of a specification: the newest of that name",
  )
  .option('--out <file>', 'where it is written; <id>.html in the current folder where it is left out')
  .option('--record', 'put it beside the run in MLflow as well')
  .action((name: string, options: Options & { readonly out?: string; readonly record?: true }) =>
    withFanfare({ ...options, mlflow: options.record === true }, async (fanfare) => {
      const { out, record = false } = options;
      const document = await fanfare.report(name, { record, ...(out !== undefined && { out }) });
      if (record) await fanfare.sync();
      print(options.json, document, [
        ...table([
          ...document.parts.map(({ kind, id }) => [kind, id] as const),
          ['report', `${document.file} (${count(document.bytes)} bytes)`],
        ]),
      ]);
    }),
  );
