import type { ModelPart } from '../../core/contracts/report.ts';
import { element, plainTable } from '../dom.ts';
import { card, type Drawn } from '../figure.ts';
import { number } from '../format.ts';
import { bars } from '../share-bars.ts';
import { factList } from '../tiles.ts';
import { calibration } from './calibration.ts';
import { confusion } from './confusion.ts';
import { errors } from './errors.ts';
import { precisionCurves, rocCurves } from './ranking.ts';

/** How a model did on rows whose answers are known. */
export function modelSections(part: ModelPart): readonly HTMLElement[] {
  const drawn: readonly (Drawn | null)[] = [
    rocCurves(part),
    precisionCurves(part),
    errors(part),
    calibration(part),
    confusion(part),
    part.importance.length === 0
      ? null
      : bars({
          title: 'Feature importance',
          note: 'Of what all splits gained in training, the part by each input.',
          shares: part.importance.map(({ parameter, share }) => [parameter, share]),
        }),
  ];
  return [
    metrics(part),
    card('What was judged', undefined, false, factList(part.facts)),
    ...drawn.flatMap((one) => (one ? [one.section] : [])),
  ];
}

function metrics({ metrics: own, champion }: ModelPart): HTMLElement {
  const note =
    champion === null
      ? 'On these rows.'
      : `On these rows, beside the champion of before (${champion.model.slice(0, 12)}).`;
  const rows = Object.entries(own).map(([name, value]) => {
    const before = champion?.metrics[name];
    return [name, number(value), ...(champion ? [before === undefined ? '–' : number(before)] : [])];
  });
  const columns = ['metric', 'this model', ...(champion ? ['champion before'] : [])];
  return card('Metrics', note, false, element('div', {}, plainTable('Metrics', { columns, rows })));
}
