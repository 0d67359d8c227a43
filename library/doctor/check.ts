/** What was looked at, and what was found. */
export interface Check {
  readonly check: string;
  /** `warn`: the rest works without it. `fail`: jobs will fail. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do; left out where all is well. */
  readonly advice?: string;
}

export const ok = (check: string, found: string): Check => ({ check, state: 'ok', found });
export const warn = (check: string, found: string, advice: string): Check => ({
  ...{ check, state: 'warn', found, advice },
});
export const fail = (check: string, found: string, advice: string): Check => ({
  ...{ check, state: 'fail', found, advice },
});

export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
