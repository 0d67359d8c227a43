import type { ReplayDocument } from '../library/replay.ts';
import { colorsFor } from './output/colors.ts';
import { exitCodes } from './output/exit-codes.ts';
import { count, placeOfKey, print, table } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

export const replayCommand = command(
  'replay',
  'make every decision of a study again from what it was made from; exits 1 where one comes out otherwise',
)
  .argument('<study>', 'its id, its folder, or the name of its specification: the newest of that name')
  .action((study: string, options: Options) =>
    withFanfare(options, async (fanfare) => {
      const document = await fanfare.replay(study);
      print(options.json, document, replayLines(document));
      if (document.difference !== null) process.exitCode = exitCodes.failed;
    }),
  );

function replayLines(document: ReplayDocument): string[] {
  const { study, suggestions, promotions, folds, takeovers, claims, difference } = document;
  const { green, red } = colorsFor(process.stdout);
  const again = suggestions + promotions + folds + takeovers;
  return [
    ...table([
      ['study', placeOfKey(document.store, `studies/${study}/`)],
      ['decided again', `${count(again)} of ${count(claims)} claims`],
      ['suggestions', count(suggestions)],
      ['promotions', count(promotions)],
      ...(folds === 0 ? [] : [['folds', count(folds)] as const]),
      ...(takeovers === 0 ? [] : [['taken over', count(takeovers)] as const]),
    ]),
    ...(difference === null
      ? [green('OK: every one is what was seen comes to')]
      : [
          red(`claim ${difference.claim} is another: ${difference.what}`),
          `  expected ${JSON.stringify(difference.expected)}`,
          `  given    ${JSON.stringify(difference.given)}`,
        ]),
  ];
}
