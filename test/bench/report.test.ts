import { expect, test } from 'vitest';
import { figure, markdown, reportOf, timesOurs } from '../../bench/report.mjs';

test('a figure is the median of its runs and their range', () => {
  expect(figure([3, 1, 10], 1)).toBe('3.0 (1.0–10.0)');
  expect(figure([1, 2, 4, 9], 1)).toBe('3.0 (1.0–9.0)');
  expect(figure([1234.56], 1)).toBe('1,234.6');
  expect(figure([0.8001, 0.8002], 2)).toBe('0.80');
});

test('what was not measured is a dash, and leaves the other runs as they are', () => {
  expect(figure([], 1)).toBe('–');
  expect(figure([undefined, Number.NaN], 1)).toBe('–');
  expect(figure([undefined, 2], 1)).toBe('2.0');
});

const records = [
  { contender: 'Fanfare', run: 0, total: 10, trees: 5 },
  { contender: 'Ray', run: 0, total: 30 },
  { contender: 'Ray', run: 1, total: 10 },
  { contender: 'Fanfare', run: 1, total: 20, trees: 7 },
];

test('a peer is compared with the run of ours beside it', () => {
  expect(timesOurs(records, 'Ray', 'total')).toEqual([3, 0.5]);
  expect(timesOurs(records, 'Dask', 'total')).toEqual([]);
  expect(timesOurs(records, 'Ray', 'trees')).toEqual([]);
});

test('a report is a Markdown table with a row a contender, ready to paste', () => {
  const columns = [
    ['total s', 'total', 0],
    ['trees', 'trees', 0],
  ] as const;
  expect(markdown(reportOf('flights', records, columns, ['Ray is slow']))).toBe(
    `### flights

|  | total s | trees |
| --- | ---: | ---: |
| Fanfare | 15 (10–20) | 6 (5–7) |
| Ray | 20 (10–30) | – |

- Ray is slow
`,
  );
});
