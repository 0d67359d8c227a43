import type { Spec } from '../core/contracts/spec.ts';
import { SplitAnswer, TuneAnswer } from './output/answers.ts';
import { placeRows, print, table } from './output/print.ts';
import { recordHint } from './output/record-hint.ts';
import {
  filesOf,
  registeredDocument,
  registeredRow,
  splitRows,
  tuneDocument,
  tuneRows,
} from './output/rows.ts';
import { command, lanesOf, loadSpec, type Options, runFlow, type Session, withSession } from './session.ts';

export const tuneCommand = command(
  'tune',
  'search the best configuration, and register its model as challenger',
)
  .argument('<spec>', 'a specification in YAML; its table is split first if that was not done')
  .action(async (file: string, options: Options) => {
    const spec = await loadSpec(file);
    await withSession(options, (session) => runTune(session, spec, options));
  });

export async function runTune(session: Session, given: Spec, options: Options): Promise<void> {
  const { engine } = session;
  const spec = await engine.bring(given);
  const job = { command: 'tune', spec, model: null } as const;
  const split = SplitAnswer.parse(await runFlow(session, 'split', job, {}));
  const { dataset } = split;
  const tune = TuneAnswer.parse(
    await runFlow(session, 'tune', job, { dataset, lanes: lanesOf(session, spec) }),
  );
  const files = filesOf({ split, tune });
  print(
    options.json,
    {
      split: split.rows,
      tune: tuneDocument(tune),
      registered: registeredDocument(tune),
      seconds: session.progress.seconds(),
      store: engine.place,
      files,
    },
    table([
      ...splitRows(split),
      ...tuneRows(tune),
      ...registeredRow(tune),
      ...placeRows(engine, files),
      ...(await recordHint(session, options)),
    ]),
  );
}
