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
  .action((name: string, options: Options & { readonly out?: string }) =>
    withFanfare({ ...options, mlflow: false }, async (fanfare) => {
      const document = await fanfare.report(name, options.out === undefined ? {} : { out: options.out });
      print(options.json, document, [
        ...table([
          ...document.parts.map(({ kind, id }) => [kind, id] as const),
          ['report', `${document.file} (${count(document.bytes)} bytes)`],
        ]),
      ]);
    }),
  );
