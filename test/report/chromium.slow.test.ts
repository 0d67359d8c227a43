import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileStore } from '../../adapters/files/file-store.ts';
import { openFanfare } from '../../library/fanfare.ts';
import { type Browser, findChromium, launch, type Page } from '../support/chromium.ts';
import { exampleStudy, hostile, writeExample } from '../support/example-study.ts';

const chromium = findChromium();
const trials = 1000;

/** What the page has of rows in its table of trials, and what it says of them. */
const rows = `document.querySelectorAll('#trials tbody tr').length`;
const firstRow = `[...document.querySelector('#trials tbody tr').cells].map((cell) => cell.textContent)`;
const said = `[...document.querySelectorAll('[role=status]')].map((status) => status.textContent)`;
const centerOf = (what: string) =>
  `(() => { const e = ${what}; e.scrollIntoView({ block: 'center' }); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`;
const chartOf = (title: string) =>
  `[...document.querySelectorAll('section.card')].find((card) => card.querySelector('h3').textContent === '${title}').querySelector('.chart')`;

describe.skipIf(chromium === undefined)('a report of 1,000 trials in Chromium', () => {
  let [folder, url, seconds] = ['', '', 0];
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fanfare-report-'));
    const example = exampleStudy(trials);
    await writeExample(fileStore(join(folder, 'home/store')), example);
    const fanfare = await openFanfare({ home: join(folder, 'home'), mlflow: false });
    const began = performance.now();
    const { file } = await fanfare.report('example', { out: join(folder, 'report.html') });
    seconds = (performance.now() - began) / 1000;
    await fanfare.close();
    url = pathToFileURL(file).href;
    browser = await launch(chromium!);
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  const opened = async (view: Parameters<Browser['open']>[0]): Promise<Page> => {
    const page = await browser.open(view);
    await page.go(url);
    await page.until('document.documentElement?.dataset.ready');
    return page;
  };
  const desktop = { width: 1360, height: 900 };
  const isQuiet = (page: Page) => {
    expect(page.complaints).toEqual([]);
    expect(page.requests.filter((address) => !address.startsWith('data:'))).toEqual([url]);
  };

  test('is one file of less than 1.5 MB that names no address', async () => {
    const html = await readFile(new URL(url), 'utf8');
    expect(Buffer.byteLength(html)).toBeLessThan(1.5e6);
    expect(seconds).toBeLessThan(3);
  });

  test('draws every chart, complains of nothing and asks for nothing; hostile names stay text', async () => {
    const page = await opened(desktop);
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    for (let at = 0; at < height; at += 600) {
      await page.evaluate(`scrollTo(0, ${at})`);
      await page.evaluate('new Promise((done) => setTimeout(done, 100))');
    }
    const charts = await page.evaluate<number[]>(
      `[...document.querySelectorAll('.chart')].map((chart) => chart.querySelectorAll('canvas').length)`,
    );
    expect(charts).toHaveLength(7);
    expect(Math.min(...charts)).toBeGreaterThan(0);
    expect(await page.evaluate('document.images.length')).toBe(0);
    expect(await page.evaluate(`document.querySelector('#trials thead').textContent`)).toContain(hostile);
    expect(await page.evaluate(`document.querySelector('.failures').textContent`)).toContain(hostile);
    isQuiet(page);
  });

  test('what is brushed on an axis is what the table shows, until the brush is cleared', async () => {
    const page = await opened(desktop);
    expect(await page.evaluate(rows)).toBe(100);
    const [x, y] = await page.evaluate<[number, number]>(centerOf(chartOf('Parallel coordinates')));
    await page.until(`${chartOf('Parallel coordinates')}.querySelector('canvas')`);
    // The last axis stands 60 pixels from the right: its upper half are the better trials.
    const right = await page.evaluate<number>(
      `${chartOf('Parallel coordinates')}.getBoundingClientRect().right`,
    );
    await page.drag([right - 60, y - 130], [right - 60, y]);
    await page.until(`/^[1-9]\\d* trials of 1000 selected$/.test(${said}[0])`);
    const selected = Number.parseInt(await page.evaluate<string>(`${said}[0]`), 10);
    expect(selected).toBeLessThan(trials);
    expect(await page.evaluate(`${said}[1]`)).toBe(`${selected} of 1000 trials`);
    const value = `Math.min(...[...document.querySelectorAll('#trials tbody tr')].map((row) => Number(row.cells[2].textContent)))`;
    const least = await page.evaluate<number>(value);
    await page.evaluate(
      `[...document.querySelectorAll('button')].find((one) => one.textContent === 'Clear the brush').click()`,
    );
    expect(await page.evaluate(`${said}[1]`)).toBe('1000 trials');
    await page.evaluate(
      `[...document.querySelectorAll('button')].find((one) => one.textContent.startsWith('Show all')).click()`,
    );
    expect(await page.evaluate(rows)).toBe(trials);
    expect(least).toBeGreaterThan(0.3);
    expect(x).toBeGreaterThan(0);
    isQuiet(page);
  });

  test('headings sort and filters filter, by the keyboard alone', async () => {
    const page = await opened(desktop);
    expect((await page.evaluate<string[]>(firstRow))[1]).toBe('complete');
    await page.evaluate(`document.querySelector('#trials th button').focus()`);
    await page.press('Enter');
    expect((await page.evaluate<string[]>(firstRow))[0]).toBe('0');
    expect(
      await page.evaluate(
        `document.querySelector('#trials th').ariaSort ?? document.querySelector('#trials th').getAttribute('aria-sort')`,
      ),
    ).toBe('ascending');
    await page.press('Enter');
    expect((await page.evaluate<string[]>(firstRow))[0]).toBe('999');
    await page.evaluate(`document.querySelector('#trials .filters input').focus()`);
    await page.type('990 .. 994');
    expect(await page.evaluate(rows)).toBe(5);
    // From the filter of the trial to that of the state.
    await page.press('Tab');
    expect(await page.evaluate(`document.activeElement.getAttribute('aria-label')`)).toBe('filter by state');
    isQuiet(page);
  });

  test('the first stop of the keyboard leads past the heading, and what is focused is seen', async () => {
    const page = await opened(desktop);
    await page.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the report');
    expect(await page.evaluate('document.activeElement.getBoundingClientRect().top >= 0')).toBe(true);
    await page.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('theme');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  });

  test('is dark where the system is, and turns by the switch', async () => {
    const paper = 'getComputedStyle(document.body).backgroundColor';
    const [light, dark] = ['rgb(245, 246, 248)', 'rgb(14, 18, 23)'];
    expect(await (await opened(desktop)).evaluate(paper)).toBe(light);
    const page = await opened({ ...desktop, dark: true });
    expect(await page.evaluate(paper)).toBe(dark);
    await page.evaluate(`document.getElementById('theme').focus()`);
    await page.press('Enter');
    expect(await page.evaluate(paper)).toBe(light);
    expect(await page.evaluate(`document.getElementById('theme').textContent`)).toContain('Dark');
    isQuiet(page);
  });

  test('every chart has a description and its numbers as a table', async () => {
    const page = await opened(desktop);
    const labels = `[...document.querySelectorAll('.chart')].map((chart) => chart.getAttribute('aria-label').length)`;
    expect(Math.min(...(await page.evaluate<number[]>(labels)))).toBeGreaterThan(20);
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
    await page.until(
      `document.querySelectorAll('details table').length === document.querySelectorAll('.chart').length`,
    );
    const tables = `[...document.querySelectorAll('details table')].map((table) => table.rows.length)`;
    expect(Math.min(...(await page.evaluate<number[]>(tables)))).toBeGreaterThan(1);
    isQuiet(page);
  });

  test.each([320, 390])('fits a phone of %i pixels', async (width) => {
    const page = await opened({ width, height: 800, phone: true });
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    for (let at = 0; at < height; at += 700) {
      await page.evaluate(`scrollTo(0, ${at})`);
      await page.evaluate('new Promise((done) => setTimeout(done, 60))');
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    isQuiet(page);
  });

  test('a page that something was added to does not run it', async () => {
    const page = await opened(desktop);
    await page.evaluate(
      `(() => { const script = document.createElement('script'); script.textContent = 'window.ran = true'; document.body.append(script); })()`,
    );
    expect(await page.evaluate('window.ran')).toBeUndefined();
    await page.evaluate(`fetch('http://127.0.0.1:9/').catch(() => {})`);
    expect(page.complaints.join(' ')).toMatch(/Content Security Policy/);
  });
});

test.runIf(chromium === undefined)('a report in Chromium', ({ task }) => {
  (task.meta as { notChecked?: string[] }).notChecked = [
    'NOT CHECKED: reports in a browser; there is no chromium or google-chrome here',
  ];
});
