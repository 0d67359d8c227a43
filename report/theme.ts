import { element } from './dom.ts';

/** The page's colours, as its style sheet has them now. */
export interface Theme {
  readonly dark: boolean;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly card: string;
  readonly accent: string;
  readonly second: string;
  readonly good: string;
  readonly bad: string;
  readonly faint: string;
  /** From the worst to the best: viridis, which people who see few colours tell apart, ending where it stands out most. */
  readonly scale: readonly string[];
}

const viridis = ['#fde725', '#90d743', '#35b779', '#21918c', '#31688e', '#443983', '#440154'] as const;

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const dark = isDark();
  return {
    dark,
    ink: color('ink'),
    muted: color('muted'),
    line: color('line'),
    card: color('card'),
    accent: color('accent'),
    second: color('second'),
    good: color('good'),
    bad: color('bad'),
    faint: color('faint'),
    scale: dark ? viridis.toReversed() : viridis,
  };
}

const preference = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? preference.matches : theme === 'dark';
}

/** Is told when the page becomes dark or light, until what it answers is called. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const tell = () => {
  for (const listener of listeners) listener();
};
preference.addEventListener('change', tell);

/** Of the switch that stands on the page. */
let unshown = () => {};

/** A button that makes the page dark, or light again; what was chosen is kept where the browser lets it. */
export function themeSwitch(): HTMLElement {
  const kept = remembered();
  if (kept === 'dark' || kept === 'light') document.documentElement.dataset.theme = kept;
  const button = element('button', { type: 'button', class: 'quiet', id: 'theme', onclick: () => turn() });
  const show = () => {
    button.textContent = isDark() ? '☀ Light' : '☾ Dark';
    button.setAttribute('aria-label', isDark() ? 'Use light colours' : 'Use dark colours');
  };
  const turn = () => {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    remember(theme);
    tell();
  };
  unshown();
  unshown = onTheme(show);
  show();
  return button;
}

const key = 'fanfare-theme';

/** A page that is opened from a file may have no storage. */
function remembered(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // It is dark or light until it is closed.
  }
}
