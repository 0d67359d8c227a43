import { datasetLines, paragraphs, predictionLines, studyLines } from './output/entries.ts';
import { print } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

export const listCommand = command(
  'list',
  'what there is: studies with their best values, predictions and datasets, the newest first',
)
  .argument('[name]', 'only what begins with this')
  .action((name: string | undefined, options: Options) =>
    withFanfare(options, async (fanfare) => {
      const document = await fanfare.list(name);
      const { studies, predictions, datasets } = document;
      const lines = paragraphs(studyLines(studies), predictionLines(predictions), datasetLines(datasets));
      const nothing = `nothing${name ? ` named ${name}…` : ''} in ${fanfare.place}`;
      print(options.json, document, lines.length > 0 ? lines : [nothing]);
    }),
  );
