// node dist/bench/open-page.mjs URL: how long a page takes in Chromium until it can be used, and how much of that is its scripts.
// `{}` where there is no browser.
import { findChromium, launch } from '../../test/support/chromium.ts';

const [url = ''] = process.argv.slice(2);
const chromium = findChromium();
process.stdout.write(JSON.stringify(chromium === undefined ? {} : await measured(chromium)));

async function measured(path: string) {
  const browser = await launch(path);
  try {
    // The first page of a browser pays for its start.
    await (await browser.open({ width: 1360, height: 900 })).go('about:blank');
    const page = await browser.open({ width: 1360, height: 900 });
    await page.go(url);
    await page.until('document.documentElement.dataset.ready');
    const interactive = await page.evaluate<number>(
      `performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd`,
    );
    const { ScriptDuration = Number.NaN } = await page.metrics();
    return { interactive: interactive / 1000, script: ScriptDuration };
  } finally {
    await browser.close();
  }
}
