import { join, resolve } from 'node:path';
import { PipelineAnswer } from './output/answers.ts';
import { print, table } from './output/print.ts';
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
import { command, lanesOf, loadSpec, type Options, runFlow, withSession } from './session.ts';

export const pipelineCommand = command(
  'pipeline',
  'split a table, tune, predict the test side, evaluate, promote',
)
  .argument('<spec>', 'a specification in YAML')
  .action(async (file: string, options: Options) => {
    const began = Date.now();
    const spec = await loadSpec(file);
    await withSession(options, async (session) => {
      const answer = PipelineAnswer.parse(await runFlow(session, 'pipeline', spec, { lanes: lanesOf(spec) }));
      const { split, tune, predict, evaluation, promotion } = answer;
      const promoted = promotion.recorded && promotion.decision === 'promoted' ? promotion.alias : undefined;
      const seconds = { ...session.progress.seconds(), total: Math.round((Date.now() - began) / 100) / 10 };
      const files = filesOf(answer);
      const store = join(resolve(options.home), 'store');
      print(
        options.json,
        {
          split: split.rows,
          tune: tuneDocument(tune),
          registered: registeredDocument(tune, promoted),
          predict: predictDocument(predict),
          evaluation: { ...evaluation.metrics, champion: evaluation.champion },
          seconds,
          peaks: session.engine.peaks(),
          store,
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
          ...Object.entries(files).map(([name, key]) => [name, join(store, key)] as const),
          ...(await recordHint(session, options)),
        ]),
      );
    });
  });
