import type { PredictionStatus, StudyStatus } from '../library/status.ts';
import { count, decimals, print, valuesText } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

export const statusCommand = command(
  'status',
  'what there is: studies, predictions, and what MLflow does not have yet',
)
  .argument('[name]', 'only what begins with this')
  .action((name: string | undefined, options: Options) =>
    withFanfare(options, async (fanfare) => {
      const document = await fanfare.status(name);
      const { studies, predictions, pending, executions = [] } = document;
      const sent = options.engine === 'aws' ? '; the stack sends them' : ': fanfare sync';
      print(options.json, document, [
        ...executions.map(
          ({ flow, name: execution, state, startedAt }) =>
            `${execution}  ${flow} ${state}  since ${new Date(startedAt).toISOString()}`,
        ),
        ...studies.flatMap((study) => [studyLine(study), ...frontLines(study)]),
        ...predictions.map(predictionLine),
        ...(pending.length > 0 ? [`${pending.length} records wait for MLflow${sent}`] : []),
        ...(studies.length + predictions.length + executions.length === 0
          ? [`nothing${name ? ` named ${name}…` : ''} in ${fanfare.place}`]
          : []),
      ]);
    }),
  );

function studyLine({ study, state, trials, budget, best, metric }: StudyStatus): string {
  const spread = best?.spread ? ` ± ${decimals(best.spread.std)}` : '';
  const found = best ? `, best ${metric} ${decimals(best.value)}${spread} (trial ${best.trial})` : '';
  return `${study}  ${state}  ${trials.length} of ${budget} trials${found}`;
}

const frontLines = ({ front = [] }: StudyStatus): string[] =>
  front.map(({ trial, values }) => `  front  trial ${trial}  ${valuesText(values)}`);

function predictionLine(status: PredictionStatus): string {
  const { prediction, state } = status;
  if (state === 'open') return `${prediction}  ${state}`;
  const { predicted, rows, rejected, parent } = status;
  const left = rejected === 0 ? '' : `, ${count(rejected)} rejected`;
  const retried = parent === undefined ? '' : `; retries ${parent}`;
  return `${prediction}  ${state}  ${count(predicted)} of ${count(rows)} rows${left}${retried}`;
}
