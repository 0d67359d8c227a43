import type { VerifyDocument } from '../library/verify.ts';
import { colorsFor } from './output/colors.ts';
import { exitCodes } from './output/exit-codes.ts';
import { count, placeOfKey, print, table } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

/** So many are shown; `--json` has them all. */
const shown = 20;

export const verifyCommand = command(
  'verify',
  'count a prediction again and check every checksum; exits 1 where it is not as its manifest says',
)
  .argument('<prediction>', 'its id, its folder, or the name of its specification: the newest of that name')
  .option('--input', 'read its input again too, at the version that it was planned on')
  .action((prediction: string, options: Options & { readonly input?: true }) =>
    withFanfare(options, async (fanfare) => {
      const document = await fanfare.verify(prediction, { input: options.input === true });
      print(options.json, document, verifyLines(document));
      if (document.mismatches.length > 0) process.exitCode = exitCodes.failed;
    }),
  );

function verifyLines(document: VerifyDocument): string[] {
  const { prediction, rows, predicted, rejected, input, files, bytes, parent, retries, mismatches } =
    document;
  const { green, red } = colorsFor(process.stdout);
  const wrong = mismatches.length;
  const sum = wrong === 0 ? `${count(rows)} =` : `${count(rows)} read:`;
  const more = wrong > shown ? [`  … and ${count(wrong - shown)} more: --json has all`] : [];
  return [
    ...table([
      ['prediction', placeOfKey(document.store, `predictions/${prediction}/`)],
      ...(parent === null ? [] : [['retries', `what ${parent} rejected`] as const]),
      ['rows', `${sum} ${count(predicted)} predicted + ${count(rejected)} rejected`],
      ...(input === null ? [] : [['input', `${count(input)} rows, read again`] as const]),
      ['files', `${count(files)}, ${count(bytes)} bytes`],
      ...(retries.length === 0 ? [] : [['retried by', retries.join(', ')] as const]),
    ]),
    wrong === 0
      ? green('OK')
      : red(`${count(wrong)} ${wrong === 1 ? 'thing is' : 'things are'} not as its manifest says:`),
    ...mismatches.slice(0, shown).map(({ where, what }) => `  ${where} ${what}`),
    ...more,
  ];
}
