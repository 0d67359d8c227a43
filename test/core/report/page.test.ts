import { expect, test } from 'vitest';
import type { Report } from '../../../core/contracts/report.ts';
import { pageOf } from '../../../core/report/page.ts';

const hostile = `</script><script>alert(1)</script><!-- <b>&"'`;
const report: Report = { title: hostile, place: hostile, madeAt: 0, parts: [] };
const page = pageOf(report, { script: 'draw()', scriptHash: 'aGFzaA==', style: 'p{}' });

test('what users named cannot become markup, and comes back as it was', () => {
  expect(page).not.toContain('<script>alert');
  expect(page).not.toContain('<b>');
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page.match(/<\/script/g)).toHaveLength(2);
  expect(page).toContain('<title>&#60;/script&#62;&#60;script&#62;alert(1)');
  const [, json] = /id="report">(.*?)<\/script>/s.exec(page)!;
  expect(JSON.parse(json!)).toEqual(report);
});

test('its policy lets it run one script and reach nothing', () => {
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)!;
  const rules = Object.fromEntries(
    policy!.split('; ').map((rule) => [rule.split(' ')[0]!, rule.split(' ').slice(1).join(' ')]),
  );
  expect(rules['default-src']).toBe("'none'");
  expect(rules['script-src']).toBe("'sha256-aGFzaA=='");
  expect(rules['connect-src']).toBeUndefined();
});

test('it names no address', () => {
  expect(page).not.toMatch(/(src|href)="?(https?:)?\/\//);
});
