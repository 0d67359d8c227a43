import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileStore } from '../../../adapters/files/file-store.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { encodeJson } from '../../../core/store.ts';
import { type Browser, findChromium, launch, type Page } from '../../support/chromium.ts';
import { type Desk, documentOf, openDesk, until } from '../../support/cli.ts';
import { exampleStudy, hostile, writeExample } from '../../support/example-study.ts';

const chromium = findChromium();
const example = exampleStudy(60);
const { study, sampler } = example.study;

describe('fanfare ui as a command', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    await writeExample(fileStore(join(desk.home, 'store')), example);
  });
  afterAll(() => desk.clear());

  const started = async (...args: readonly string[]) => {
    const running = desk.start(['ui', '--json', ...args]);
    const line = await until(async () =>
      running.said().stdout.split('\n', 2).length > 1 ? running.said().stdout : undefined,
    );
    return { ...running, url: (JSON.parse(line) as { url: string }).url };
  };

  test('says where it is, serves what the store has, and ends by Ctrl-C with nothing to complain of', async () => {
    const ui = await started();
    const answer = await fetch(`${ui.url}studies/${study}`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toContain(hostile);
    ui.child.kill('SIGINT');
    const ended = await ui.ended;
    expect([ended.code, ended.stderr]).toEqual([0, '']);
  });

  test('refuses a port that is taken, or that is none', async () => {
    const ui = await started();
    const { port } = new URL(ui.url);
    const refused = await desk.run(['ui', '--port', port]);
    expect(refused.stderr).toContain(`port ${port} of 127.0.0.1 is taken`);
    expect((await desk.run(['ui', '--port', '70000'])).stderr).toContain('0 to 65535');
    ui.child.kill('SIGTERM');
    expect((await ui.ended).code).toBe(0);
  });

  test('writes a report that says where it is', async () => {
    const file = desk.path('report.html');
    const document = documentOf(await desk.run(['report', study, '--out', file, '--json']));
    expect(document).toMatchObject({ command: 'report', file, parts: [{ kind: 'study', id: study }] });
    const none = await desk.run(['report', 'exmaple']);
    expect(none.stderr).toContain(`there is no study and no committed prediction "exmaple"; did you mean`);
  });
});

describe.skipIf(chromium === undefined)('fanfare ui in Chromium', () => {
  let url = '';
  let browser: Browser;
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    const running = desk.start(['ui', '--json']);
    const line = await until(async () => running.said().stdout || undefined);
    url = (JSON.parse(line) as { url: string }).url;
    browser = await launch(chromium!);
  });
  afterAll(async () => {
    await browser?.close();
    await desk?.clear();
  });

  const opened = async (path: string): Promise<Page> => {
    const page = await browser.open({ width: 1200, height: 900 });
    await page.go(`${url}${path}`);
    await page.until('document.documentElement?.dataset.ready');
    return page;
  };
  const has = (text: string) => `document.body.textContent.includes(${JSON.stringify(text)})`;

  test('a study appears, grows while one looks, and nobody else is asked', async () => {
    const store = fileStore(join(desk.home, 'store'));
    const list = await opened('');
    expect(await list.evaluate(has('None yet'))).toBe(true);
    await writeExample(store, example);
    await list.until(has(study));
    await list.evaluate(`document.querySelector('a[href^="/studies/"]').click()`);
    await list.until(`location.pathname === '/studies/${study}' && document.documentElement?.dataset.ready`);
    expect(await list.evaluate(has('60 of'))).toBe(false);
    await list.evaluate(`scrollTo(0, 700)`);
    await store.put(keys.budget(study, 1), encodeJson({ trials: 99, sampler }));
    await list.until(has('60 of 99'));
    expect(await list.evaluate('scrollY')).toBe(700);
    expect(list.complaints).toEqual([]);
    const elsewhere = list.requests.filter((one) => !one.startsWith(url) && !one.startsWith('data:'));
    expect(elsewhere).toEqual([]);
  });

  test('while somebody filters the page stays, and the switch tells of news', async () => {
    const store = fileStore(join(desk.home, 'store'));
    const page = await opened(`studies/${study}`);
    await page.evaluate(`document.querySelector('#trials .filters input').focus()`);
    await page.type('> 10');
    await store.put(keys.budget(study, 2), encodeJson({ trials: 111, sampler }));
    await page.until(`document.getElementById('live').textContent === 'Show what is new'`);
    expect(await page.evaluate(has('60 of 111'))).toBe(false);
    await page.evaluate(`document.getElementById('live').click()`);
    expect(await page.evaluate(has('60 of 111'))).toBe(true);
    expect(page.complaints).toEqual([]);
  });
});
