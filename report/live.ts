import type { Report } from '../core/contracts/report.ts';
import { element } from './dom.ts';

/** So often it is asked whether there is something new; less often while the page is not seen, or nobody answers. */
const every = { seen: 2000, else: 15_000 };

let isOn = true;
let news: Report | undefined;
let state = 'live';
let show: (() => void) | undefined;
let render: (report: Report) => void = () => {};

/**
 * Shows what is new as it comes. While somebody reads a table, filters or has brushed, the page stays as it is and the
 * switch says that there is news.
 */
export function keepLive(
  { address, tag: first }: { readonly address: string; readonly tag: string },
  renderReport: (report: Report) => void,
): void {
  render = renderReport;
  let tag = first;
  const ask = async () => {
    if (isOn && !document.hidden) {
      try {
        const response = await fetch(address, { headers: { 'if-none-match': tag } });
        state = response.ok || response.status === 304 ? 'live' : 'gone';
        if (response.ok) {
          news = (await response.json()) as Report;
          tag = response.headers.get('etag') ?? '';
        }
      } catch {
        state = 'not reached';
      }
      if (news && !isBusy()) take();
      show?.();
    }
    setTimeout(ask, isOn && !document.hidden && state === 'live' ? every.seen : every.else);
  };
  setTimeout(ask, every.seen);
  document.addEventListener('visibilitychange', () => show?.());
}

function take(): void {
  const report = news;
  news = undefined;
  if (report) render(report);
}

/** Whether somebody is in the midst of something that a new page would take away. */
function isBusy(): boolean {
  const active = document.activeElement;
  const typing = active instanceof HTMLInputElement || active instanceof HTMLSelectElement;
  const filtered = [...document.querySelectorAll('input')].some(({ value }) => value !== '');
  const chosen = [...document.querySelectorAll('.controls button')].some(
    (one) => !(one as HTMLElement).hidden,
  );
  return typing || filtered || chosen || document.querySelector('details[open]') !== null;
}

/** Holds the page as it is, lets it go on, or shows the news that were held back. */
export function liveSwitch(): HTMLElement {
  const button = element('button', {
    type: 'button',
    class: 'quiet',
    id: 'live',
    onclick: () => {
      if (news) take();
      else isOn = !isOn;
      show?.();
    },
  });
  show = () => {
    const text = news ? 'Show what is new' : isOn ? (state === 'live' ? '● Live' : `○ ${state}`) : '○ Held';
    if (button.textContent !== text) button.textContent = text;
    button.setAttribute('aria-pressed', String(isOn));
  };
  show();
  return button;
}
