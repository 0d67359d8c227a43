import type { Dimension } from '../core/contracts/space.ts';
import type { CompareDocument } from '../library/compare.ts';
import { bestText, dateText, paragraphs } from './output/entries.ts';
import { grid } from './output/grid.ts';
import { print } from './output/print.ts';
import { axisText, valueText } from './output/shown-study.ts';
import { command, type Options, withFanfare } from './session.ts';

export const compareCommand = command(
  'compare',
  'studies side by side: best values, what differs in how they were asked for, in their spaces and best parameters',
)
  .argument('<studies...>', 'ids, folders or names; one name alone stands for all of its studies')
  .action((studies: readonly string[], options: Options) =>
    withFanfare(options, async (fanfare) => {
      const document = await fanfare.compare(studies);
      print(options.json, document, compareLines(document));
    }),
  );

function compareLines({ studies, comparable, design, space, best }: CompareDocument): string[] {
  const columns = studies.map(({ study }) => ({ head: study }));
  const block = (head: string, rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : grid([{ head }, ...columns], rows);
  const changed = best.filter(({ differs }) => differs);
  return paragraphs(
    block('study', [
      ['best', ...studies.map(bestText)],
      ['trials', ...studies.map(({ trials }) => `${trials.begun} of ${trials.budget}`)],
      ['state', ...studies.map(({ state }) => state)],
      ['began', ...studies.map(({ startedAt }) => dateText(startedAt))],
    ]),
    comparable ? [] : ['their values cannot be compared: the metric or the dataset is another'],
    block(
      'asked for',
      design.map(({ key, values }) => [key, ...values.map(designText)]),
    ),
    block(
      'axis',
      space.map(({ parameter, axes }) => [parameter, ...axes.map(axisOrNone)]),
    ),
    block(
      'best has',
      changed.map(({ parameter, values }) => [parameter, ...values.map(valueText)]),
    ),
  );
}

const axisOrNone = (axis: Dimension | null): string => (axis === null ? '' : axisText(axis));

const designText = (value: unknown): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value).replaceAll('"', '') : String(value);
