import type { Spec } from '../core/contracts/spec.ts';
import { SplitAnswer } from './output/answers.ts';
import { placeRows, print, table } from './output/print.ts';
import { filesOf, splitRows } from './output/rows.ts';
import { command, loadSpec, type Options, runFlow, type Session, withSession } from './session.ts';

export const splitCommand = command(
  'split',
  'split a table into train, validation and test partitions, with a profile of each',
)
  .argument('<spec>', 'a specification in YAML')
  .action(async (file: string, options: Options) => {
    const spec = await loadSpec(file);
    await withSession({ ...options, mlflow: false }, (session) => runSplit(session, spec, options));
  });

export async function runSplit(session: Session, given: Spec, options: Options): Promise<void> {
  const { engine } = session;
  const spec = await engine.bring(given);
  const job = { command: 'split', spec, model: null } as const;
  const split = SplitAnswer.parse(await runFlow(session, 'split', job, {}));
  const files = filesOf({ split });
  const seconds = session.progress.seconds();
  print(
    options.json,
    { split: split.rows, dataset: split.dataset, seconds, store: engine.place, files },
    table([...splitRows(split), ...placeRows(engine, files)]),
  );
}
