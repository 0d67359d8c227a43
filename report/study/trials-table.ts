import type { StudyPart } from '../../core/contracts/report.ts';
import { trialStates } from '../../core/contracts/report.ts';
import { choice, element } from '../dom.ts';
import { card } from '../figure.ts';
import { type Cell, compareCells, filterOf } from '../filter.ts';
import { cell } from '../format.ts';
import type { Selection } from '../selection.ts';

interface Column {
  readonly name: string;
  readonly cells: readonly Cell[];
  filter: string;
}

/** So many rows are there at first. */
const page = 100;

/** Every trial: sorted by any column, filtered by any, and by what is brushed above. */
export function trialsTable(part: StudyPart, selection: Selection): HTMLElement {
  const columns = columnsOf(part);
  const count = part.trials.number.length;
  let sorted = {
    column: columns.find(({ name }) => name === part.metric)!,
    descending: part.direction === 'maximize',
  };
  let [state, all] = ['all', false];
  const body = element('tbody');
  const said = element('p', { class: 'note', role: 'status' });
  const more = element('button', { type: 'button', class: 'quiet' });
  const headers = columns.map((column) =>
    headerOf(column, () => {
      sorted = { column, descending: sorted.column === column && !sorted.descending };
      show();
    }),
  );
  const show = () => {
    const rows = chosen();
    const shown = all ? rows : rows.slice(0, page);
    body.replaceChildren(...shown.map((place) => rowOf(columns, place)));
    said.textContent = rows.length === count ? `${count} trials` : `${rows.length} of ${count} trials`;
    more.hidden = shown.length === rows.length;
    more.textContent = `Show all ${rows.length}`;
    for (const [at, header] of headers.entries()) {
      const own = columns[at] === sorted.column;
      header.setAttribute('aria-sort', own ? (sorted.descending ? 'descending' : 'ascending') : 'none');
    }
  };
  const chosen = () => {
    const filters = columns.flatMap(({ cells, filter }) => {
      const meets = filterOf(filter);
      return filter.trim() === '' ? [] : [(place: number) => meets(cells[place]!)];
    });
    const { places } = selection;
    return part.trials.number
      .map((_, place) => place)
      .filter(
        (place) =>
          (places === null || places.has(place)) &&
          (state === 'all' || part.trials.state[place] === state) &&
          filters.every((meets) => meets(place)),
      )
      .sort(
        (a, b) => compareCells(sorted.column.cells[a]!, sorted.column.cells[b]!, sorted.descending) || a - b,
      );
  };
  more.addEventListener('click', () => {
    all = true;
    show();
  });
  selection.onChange(show);
  show();
  const states = ['all', ...trialStates.filter((one) => part.counts[one] > 0)];
  return card(
    'Trials',
    'A filter is a part of the text or, of numbers, < 0.1, >= 3 or 0.1 .. 0.5.',
    true,
    element(
      'div',
      { class: 'controls' },
      choice('state', states, 'all', (option) => {
        state = option;
        show();
      }),
      said,
    ),
    element(
      'div',
      { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': 'trials' },
      element(
        'table',
        { id: 'trials' },
        element('caption', { class: 'hidden' }, 'Trials'),
        element(
          'thead',
          {},
          element('tr', {}, ...headers),
          element('tr', { class: 'filters' }, ...columns.map((column) => filterInput(column, show))),
        ),
        body,
      ),
    ),
    more,
  );
}

function columnsOf({ trials, metric, rungs }: StudyPart): Column[] {
  const column = (name: string, cells: readonly Cell[]): Column => ({ name, cells, filter: '' });
  return [
    column('trial', trials.number),
    column('state', trials.state),
    column(metric, trials.value),
    ...(rungs.length > 1
      ? [
          column(
            'rungs',
            trials.ends.map((ends) => ends.length / 2),
          ),
        ]
      : []),
    ...Object.entries(trials.params).map(([name, cells]) => column(name, cells)),
    ...Object.entries(trials.metrics).map(([name, cells]) => column(name, cells)),
    column('seconds', trials.seconds),
    ...(trials.reason.some((reason) => reason !== null) ? [column('why pruned', trials.reason)] : []),
  ];
}

function headerOf({ name }: Column, sort: () => void): HTMLElement {
  return element('th', { scope: 'col' }, element('button', { type: 'button', onclick: sort }, name));
}

function filterInput(column: Column, show: () => void): HTMLElement {
  const input = element('input', {
    type: 'search',
    'aria-label': `filter by ${column.name}`,
    placeholder: '…',
    oninput: () => {
      column.filter = input.value;
      show();
    },
  });
  return element('td', {}, input);
}

const rowOf = (columns: readonly Column[], place: number): HTMLElement =>
  element(
    'tr',
    {},
    ...columns.map(({ name, cells }) =>
      name === 'state'
        ? element('td', { class: `state ${cells[place]}` }, String(cells[place]))
        : element('td', {}, cell(cells[place])),
    ),
  );
