import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { type Cell, type Mark, scenarioTable } from './scenario-table.ts';

/** Says last the table scenario × engine, where such tests ran, and in one plain line how many tests ran. */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const cells: (Cell & { readonly mark: Mark })[] = [];
    const notes: string[] = [];
    for (const module of modules) {
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state]++;
        const { cells: own = [], notChecked = [] } = test.meta();
        cells.push(...own.map((cell) => ({ ...cell, mark: markOf(test) })));
        notes.push(...notChecked);
      }
    }
    const told = [...(cells.length > 0 ? scenarioTable(cells) : []), ...notes];
    const table = told.length > 0 ? [...told, ''].join('\n') : '';
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.on('exit', () =>
      process.stdout.write(
        `\n${table && `${table}\n`}${counts.passed} passed, ${counts.failed} failed${skipped}\n`,
      ),
    );
  }
}

function markOf(test: TestCase): Mark {
  const { state } = test.result();
  return state === 'passed' || state === 'skipped' ? state : 'FAILED';
}

export default CountReporter;
