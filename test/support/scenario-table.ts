/** One cell of the table scenario × engine. A test keeps it in its `task.meta`; the reporter knows whether the test passed. */
export interface Cell {
  readonly scenario: string;
  readonly engine: string;
  /** Why it cannot be looked at on that engine. */
  readonly notChecked?: string;
}

declare module 'vitest' {
  interface TaskMeta {
    cells?: readonly Cell[];
    /** What an engine does not do, and which test looks at that instead. */
    notChecked?: readonly string[];
  }
}

export type Mark = 'passed' | 'FAILED' | 'skipped';

/** The lines of the table, a row a scenario and a column an engine, in the order in which they come. */
export function scenarioTable(cells: readonly (Cell & { readonly mark: Mark })[]): readonly string[] {
  const engines = [...new Set(cells.map(({ engine }) => engine))];
  const names = [...new Set(cells.map(({ scenario }) => scenario))];
  const rows = [
    ['scenario', ...engines],
    ...names.map((scenario) => [scenario, ...engines.map((engine) => textOf(cells, scenario, engine))]),
  ];
  const widths = engines.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The worst of its tests. */
function textOf(
  cells: readonly (Cell & { readonly mark: Mark })[],
  scenario: string,
  engine: string,
): string {
  const found = cells.filter((cell) => cell.scenario === scenario && cell.engine === engine);
  const bad = found.find(({ mark }) => mark !== 'passed');
  if (bad) return bad.mark;
  const left = found.find(({ notChecked }) => notChecked !== undefined);
  if (left) return `not checked here: ${left.notChecked}`;
  return found.length > 0 ? 'passed' : 'not checked';
}
