import { join, resolve } from 'node:path';
import { SplitAnswer, TuneAnswer } from './output/answers.ts';
import { print, table } from './output/print.ts';
import { recordHint } from './output/record-hint.ts';
import {
  filesOf,
  registeredDocument,
  registeredRow,
  splitRows,
  tuneDocument,
  tuneRows,
} from './output/rows.ts';
import { command, lanesOf, loadSpec, type Options, runFlow, withSession } from './session.ts';

export const tuneCommand = command(
  'tune',
  'search the best configuration, and register its model as challenger',
)
  .argument('<spec>', 'a specification in YAML; its table is split first if that was not done')
  .action(async (file: string, options: Options) => {
    const spec = await loadSpec(file);
    await withSession(options, async (session) => {
      const split = SplitAnswer.parse(await runFlow(session, 'split', spec, {}));
      const { dataset } = split;
      const tune = TuneAnswer.parse(await runFlow(session, 'tune', spec, { dataset, lanes: lanesOf(spec) }));
      const files = filesOf({ split, tune });
      const store = join(resolve(options.home), 'store');
      print(
        options.json,
        {
          split: split.rows,
          tune: tuneDocument(tune),
          registered: registeredDocument(tune),
          seconds: session.progress.seconds(),
          store,
          files,
        },
        table([
          ...splitRows(split),
          ...tuneRows(tune),
          ...registeredRow(tune),
          ...Object.entries(files).map(([name, key]) => [name, join(store, key)] as const),
          ...(await recordHint(session, options)),
        ]),
      );
    });
  });
