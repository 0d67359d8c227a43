/** As many digits as tell numbers of one column apart, and no more. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e6 ? String(Number(value.toPrecision(5))) : value.toExponential(3);
}

export const cell = (value: string | number | boolean | null | undefined): string =>
  value === null || value === undefined ? '–' : typeof value === 'number' ? number(value) : String(value);

/** `0`, `340 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(millis: number): string {
  const seconds = millis / 1000;
  if (millis === 0) return '0';
  if (seconds < 1) return `${Math.round(millis)} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const [large, small, each, of] =
    seconds < 3600
      ? (['min', 's', 60, 1] as const)
      : seconds < 86_400
        ? (['h', 'min', 3600, 60] as const)
        : (['d', 'h', 86_400, 3600] as const);
  const rest = Math.floor((seconds % each) / of);
  return `${Math.floor(seconds / each)} ${large}${rest > 0 ? ` ${rest} ${small}` : ''}`;
}

export const percent = (share: number): string => `${Number((100 * share).toFixed(share < 0.1 ? 1 : 0))} %`;

export const time = (millis: number): string =>
  `${new Date(millis).toISOString().replace('T', ' ').slice(0, 19)} UTC`;

export const plural = (count: number, one: string, more = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : more}`;
