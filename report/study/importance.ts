import type { StudyPart } from '../../core/contracts/report.ts';
import type { Drawn } from '../figure.ts';
import { bars } from '../share-bars.ts';

export const importance = ({ importance: all, trials }: StudyPart): Drawn =>
  bars({
    title: 'Parameter importance',
    note: `How much each parameter matters to be among the best tenth (PED-ANOVA), by ${trials.number.length} trials.`,
    shares: all.map(({ parameter, share }) => [parameter, share]),
  });
