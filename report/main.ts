import type { Report, ReportPart } from '../core/contracts/report.ts';
import { element, newId } from './dom.ts';
import { forgetFigures } from './figure.ts';
import { time } from './format.ts';
import { listSections } from './list/part.ts';
import { keepLive, liveSwitch } from './live.ts';
import { modelSections } from './model/part.ts';
import { predictionSections } from './prediction/part.ts';
import { studySections } from './study/part.ts';
import { themeSwitch } from './theme.ts';

const { live, tag = '' } = document.documentElement.dataset;
render(JSON.parse(document.getElementById('report')!.textContent!) as Report);
if (live !== undefined) keepLive({ address: live, tag }, render);

function render({ title, place, madeAt, parts }: Report): void {
  forgetFigures();
  const made = parts.map((part) => ({ id: newId(), part }));
  const links = made.map(({ id, part }) => element('a', { href: `#${id}` }, headingOf(part)));
  const isList = parts[0]?.kind === 'list';
  const { scrollY } = window;
  document.body.replaceChildren(
    element('a', { class: 'skip', href: '#main' }, 'Skip to the report'),
    element(
      'header',
      {},
      element(
        'div',
        {},
        element('h1', {}, title),
        element('p', { class: 'note' }, `${place} · ${time(madeAt)}`),
      ),
      element(
        'nav',
        { 'aria-label': 'parts' },
        live !== undefined && !isList ? element('a', { href: '/' }, 'All') : null,
        ...(links.length > 1 ? links : []),
        live === undefined ? null : liveSwitch(),
        themeSwitch(),
      ),
    ),
    element(
      'main',
      { id: 'main', tabindex: -1 },
      ...made.map(({ id, part }) =>
        element(
          'section',
          { class: 'part', 'aria-labelledby': id },
          element('h2', { id, class: isList ? 'hidden' : undefined }, headingOf(part)),
          element('div', { class: 'cards' }, ...sectionsOf(part)),
        ),
      ),
    ),
  );
  scrollTo(0, scrollY);
  document.documentElement.dataset.ready = 'true';
}

function headingOf(part: ReportPart): string {
  switch (part.kind) {
    case 'study':
      return `Study ${part.study}`;
    case 'model':
      return `Model on ${part.rows}`;
    case 'prediction':
      return `Prediction ${part.prediction}`;
    case 'list':
      return 'All';
  }
}

function sectionsOf(part: ReportPart): readonly HTMLElement[] {
  switch (part.kind) {
    case 'study':
      return studySections(part);
    case 'model':
      return modelSections(part);
    case 'prediction':
      return predictionSections(part);
    case 'list':
      return listSections(part);
  }
}
