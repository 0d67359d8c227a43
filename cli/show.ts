import { InvalidArgumentError } from 'commander';
import { print } from './output/print.ts';
import { shownLines } from './output/shown.ts';
import { command, type Options, withFanfare } from './session.ts';

const shown = 20;

export const showCommand = command(
  'show',
  'all of one study (its best trials, rungs, space), prediction (its files, rejects, drift) or dataset',
)
  .argument(
    '<name>',
    "an id or folder, or a specification's name: its newest study or else prediction, or else dataset",
  )
  .option('--trials <count>', 'how many trials, or files of a prediction, are shown', countOf, shown)
  .action((name: string, options: Options & { readonly trials: number }) =>
    withFanfare(options, async (fanfare) => {
      const document = await fanfare.show(name);
      print(options.json, document, shownLines(document, options.trials));
    }),
  );

function countOf(given: string): number {
  if (/^\d+$/.test(given)) return Number(given);
  throw new InvalidArgumentError('a whole number is needed.');
}
