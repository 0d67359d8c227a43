import type { Report, ReportPart } from '../core/contracts/report.ts';
import { element, newId } from './dom.ts';
import { time } from './format.ts';
import { modelSections } from './model/part.ts';
import { predictionSections } from './prediction/part.ts';
import { studySections } from './study/part.ts';
import { themeSwitch } from './theme.ts';

const report = JSON.parse(document.getElementById('report')!.textContent!) as Report;
render(report);

function render({ title, place, madeAt, parts }: Report): void {
  const made = parts.map((part) => ({ id: newId(), part }));
  const links = made.map(({ id, part }) => element('a', { href: `#${id}` }, headingOf(part)));
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
      element('nav', { 'aria-label': 'parts' }, ...(links.length > 1 ? links : []), themeSwitch()),
    ),
    element(
      'main',
      { id: 'main', tabindex: -1 },
      ...made.map(({ id, part }) =>
        element(
          'section',
          { class: 'part', 'aria-labelledby': id },
          element('h2', { id }, headingOf(part)),
          element('div', { class: 'cards' }, ...sectionsOf(part)),
        ),
      ),
    ),
  );
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
  }
}
