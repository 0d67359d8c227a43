import type { ListedPrediction, ListedStudy, ListPart } from '../../core/contracts/report.ts';
import { element } from '../dom.ts';
import { card } from '../figure.ts';
import { number, plural, time } from '../format.ts';

/** Every study and every prediction, each a link to its page. */
export const listSections = ({ studies, predictions }: ListPart): readonly HTMLElement[] => [
  card(
    'Studies',
    studies.length === 0 ? 'None yet: fanfare tune begins one.' : plural(studies.length, 'study', 'studies'),
    true,
    links('Studies', ['study', 'state', 'trials', 'best', 'began'], studies.map(ofStudy)),
  ),
  card(
    'Predictions',
    predictions.length === 0
      ? 'None yet: fanfare predict makes one.'
      : plural(predictions.length, 'prediction'),
    true,
    links('Predictions', ['prediction', 'rows', 'rejected', 'drift', 'began'], predictions.map(ofPrediction)),
  ),
];

type Row = readonly [link: HTMLElement | string, ...cells: string[]];

const ofStudy = ({ study, state, trials, budget, metric, best, began }: ListedStudy): Row => [
  element('a', { href: `/studies/${study}` }, study),
  state,
  `${number(trials)} of ${number(budget)}`,
  best === null ? '–' : `${metric} ${number(best)}`,
  time(began),
];

const ofPrediction = ({ prediction, committed }: ListedPrediction): Row =>
  committed === null
    ? [prediction, 'open', '', '', '']
    : [
        element('a', { href: `/predictions/${prediction}` }, prediction),
        number(committed.rows),
        number(committed.rejected),
        committed.drift ?? 'not known',
        time(committed.began),
      ];

const links = (caption: string, columns: readonly string[], rows: readonly Row[]): HTMLElement =>
  element(
    'div',
    { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', { class: 'hidden' }, caption),
      element(
        'thead',
        {},
        element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, name))),
      ),
      element(
        'tbody',
        {},
        ...rows.map((row) => element('tr', {}, ...row.map((one) => element('td', {}, one)))),
      ),
    ),
  );
