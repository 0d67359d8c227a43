import type { Spec } from '../core/contracts/spec.ts';
import { PredictAnswer } from './output/answers.ts';
import { placeRows, print, table } from './output/print.ts';
import { recordHint } from './output/record-hint.ts';
import { filesOf, predictDocument, predictRows } from './output/rows.ts';
import { command, loadSpec, type Options, runFlow, type Session, withSession } from './session.ts';

export const predictCommand = command('predict', 'predict every row of a table with a registered model')
  .argument('<spec>', 'a specification in YAML: predict.table, or else its table')
  .option('--model <uri>', 'models:/name@alias, models:/name/3 or sha256:<digest>; the champion by default')
  .action(async (file: string, options: Options & { readonly model?: string }) => {
    const spec = await loadSpec(file);
    const model = options.model ?? null;
    await withSession(options, (session) => runPredict(session, spec, model, options));
  });

/** `model`: the one to predict with; null: the one that the specification means. */
export async function runPredict(
  session: Session,
  given: Spec,
  model: string | null,
  options: Options,
): Promise<void> {
  const { engine } = session;
  const spec = await engine.bring(given);
  const job = { command: 'predict', spec, model } as const;
  const predict = PredictAnswer.parse(await runFlow(session, 'predict', job, { model, dataset: null }));
  const files = filesOf({ predict });
  print(
    options.json,
    {
      predict: predictDocument(predict),
      seconds: session.progress.seconds(),
      peaks: engine.peaks(),
      store: engine.place,
      files,
    },
    table([...predictRows(predict), ...placeRows(engine, files), ...(await recordHint(session, options))]),
  );
}
