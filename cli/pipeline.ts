import type { Spec } from '../core/contracts/spec.ts';
import { PipelineAnswer } from './output/answers.ts';
import { placeRows, print, table } from './output/print.ts';
import { recordHint } from './output/record-hint.ts';
import {
  evaluationRows,
  filesOf,
  predictDocument,
  predictRows,
  registeredDocument,
  registeredRow,
  splitRows,
  tuneDocument,
  tuneRows,
} from './output/rows.ts';
import { command, lanesOf, loadSpec, type Options, runFlow, type Session, withSession } from './session.ts';

export const pipelineCommand = command(
  'pipeline',
  'split a table, tune, predict the test side, evaluate, promote',
)
  .argument('<spec>', 'a specification in YAML')
  .action(async (file: string, options: Options) => {
    const spec = await loadSpec(file);
    await withSession(options, (session) => runPipeline(session, spec, options));
  });

export async function runPipeline(session: Session, given: Spec, options: Options): Promise<void> {
  const began = Date.now();
  const { engine } = session;
  const spec = await engine.bring(given);
  const job = { command: 'pipeline', spec, model: null } as const;
  const answer = PipelineAnswer.parse(
    await runFlow(session, 'pipeline', job, { lanes: lanesOf(session, spec) }),
  );
  const { split, tune, predict, evaluation, promotion } = answer;
  const promoted = promotion.recorded && promotion.decision === 'promoted' ? promotion.alias : undefined;
  const seconds = { ...session.progress.seconds(), total: Math.round((Date.now() - began) / 100) / 10 };
  const files = filesOf(answer);
  print(
    options.json,
    {
      split: split.rows,
      tune: tuneDocument(tune),
      registered: registeredDocument(tune, promoted),
      predict: predictDocument(predict),
      evaluation: { ...evaluation.metrics, champion: evaluation.champion },
      seconds,
      peaks: engine.peaks(),
      store: engine.place,
      files,
    },
    table([
      ...splitRows(split),
      ...tuneRows(tune),
      ...registeredRow(tune),
      ...predictRows(predict),
      ...evaluationRows(answer),
      [
        'seconds',
        Object.entries(seconds)
          .map(([stage, taken]) => `${stage} ${taken}`)
          .join(' · '),
      ],
      ...placeRows(engine, files),
      ...(await recordHint(session, options)),
    ]),
  );
}
