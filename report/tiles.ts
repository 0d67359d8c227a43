import type { Facts } from '../core/contracts/report.ts';
import { element } from './dom.ts';

/** Numbers that are read first. */
export const tiles = (all: readonly (readonly [name: string, value: string, more: string])[]): HTMLElement =>
  element(
    'dl',
    { class: 'tiles' },
    ...all.map(([name, value, more]) =>
      element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', {}, element('strong', {}, value), element('span', {}, more)),
      ),
    ),
  );

export const factList = (facts: Facts): HTMLElement =>
  element(
    'dl',
    { class: 'facts' },
    ...facts.map(([name, text]) => element('div', {}, element('dt', {}, name), element('dd', {}, text))),
  );
