import type { Run } from '../library/engine.ts';
import { dateText, paragraphs, predictionLines, studyLines } from './output/entries.ts';
import { print } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

export const statusCommand = command(
  'status',
  'what runs, what is not done, and what MLflow does not have yet; fanfare list shows all there is',
)
  .argument('[name]', 'only what begins with this')
  .action((name: string | undefined, options: Options) =>
    withFanfare(options, async (fanfare) => {
      const document = await fanfare.status(name);
      const { runs, studies, predictions, pending } = document;
      const sent = options.engine === 'aws' ? '; the stack sends them' : ': fanfare sync';
      const lines = paragraphs(
        runs.map(runLine),
        studyLines(studies),
        predictionLines(predictions),
        pending.length > 0 ? [`${pending.length} records wait for MLflow${sent}`] : [],
      );
      const named = name ? ` named ${name}…` : '';
      print(options.json, document, lines.length > 0 ? lines : [`nothing${named} runs in ${fanfare.place}`]);
    }),
  );

const runLine = (run: Run): string =>
  run.kind === 'process'
    ? `${run.name}  process ${run.pid}: fanfare ${run.command}`
    : `${run.name}  ${run.flow} ${run.state}  since ${dateText(run.startedAt)}`;
