import { report } from './output/report.ts';
import { command, type Options, withFanfare } from './session.ts';

export const mapCommand = command('map', 'run a function over every partition of a dataset; write a dataset')
  .argument('<module>', 'a file whose default export is a mapping: defineMapping((rows) => …)')
  .argument('<dataset>', 'its id, or its folder below the store')
  .requiredOption('--name <name>', 'what the new dataset is called')
  .action((module: string, dataset: string, options: Options & { readonly name: string }) =>
    withFanfare(options, async (fanfare) =>
      report(await fanfare.map({ module, dataset, name: options.name }), options),
    ),
  );
