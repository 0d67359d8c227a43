import type { StudyPart } from '../../core/contracts/report.ts';
import type { Drawn } from '../figure.ts';
import { openSelection } from '../selection.ts';
import { bestCurve } from './best-curve.ts';
import { contour } from './contour.ts';
import { folds } from './folds.ts';
import { front } from './front.ts';
import { about, failures, headline, stages } from './headline.ts';
import { importance } from './importance.ts';
import { lanes } from './lanes.ts';
import { learningCurves } from './learning-curves.ts';
import { parallel } from './parallel.ts';
import { slices } from './slices.ts';
import { trialsTable } from './trials-table.ts';

/** Everything about a study, in the order in which it is asked. */
export function studySections(part: StudyPart): readonly HTMLElement[] {
  const selection = openSelection();
  const valued = part.improvements.length > 0;
  const figures = (...drawn: readonly (Drawn | null)[]) => drawn.flatMap((one) => (one ? [one.section] : []));
  const lost = failures(part);
  return [
    headline(part),
    ...about(part),
    ...(valued
      ? figures(
          front(part),
          bestCurve(part),
          learningCurves(part),
          importance(part),
          contour(part),
          parallel(part, selection),
        )
      : []),
    trialsTable(part, selection),
    ...(valued ? figures(slices(part), folds(part)) : []),
    ...figures(part.works.lane.length > 0 ? lanes(part) : null),
    stages(part),
    ...(lost ? [lost] : []),
  ];
}
