import { expect, it } from 'vitest';
import { scenarioTable } from './scenario-table.ts';

it('a table of scenarios shows what passed, what did not, what was left out and why', () => {
  const lines = scenarioTable([
    { scenario: 'upload', engine: 'local', notChecked: 'there is none', mark: 'passed' },
    { scenario: 'upload', engine: 'stack', mark: 'passed' },
    { scenario: 'death', engine: 'stack', mark: 'passed' },
    { scenario: 'death', engine: 'stack', mark: 'FAILED' },
    { scenario: 'death', engine: 'local', mark: 'passed' },
    { scenario: 'rest', engine: 'stack', mark: 'skipped' },
  ]);
  expect(lines).toEqual([
    'scenario  local                            stack',
    'upload    not checked here: there is none  passed',
    'death     passed                           FAILED',
    'rest      not checked                      skipped',
  ]);
});
