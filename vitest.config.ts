import { defineConfig } from 'vitest/config';

/** What starts servers, builds bundles or takes minutes ends in `.slow.test.ts` and stays out of `npm run check`. */
const slow = 'test/**/*.slow.test.ts';
const include = 'test/**/*.test.ts';
/** Each file loads the CDK, which takes seconds. */
const infra = 'test/infra/**/*.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', './test/support/count-reporter.ts'],
    projects: [
      // Unit tests share no state but what modules keep warm, which a second file must stand: a process for all halves the time.
      {
        test: {
          name: 'unit',
          include: [include],
          exclude: [slow, infra],
          isolate: false,
          // User code is a module of Node's, with its own source map, here as anywhere.
          server: { deps: { external: [/\/fanfare-code-/] } },
          testTimeout: 30_000,
        },
      },
      { test: { name: 'infra', include: [infra], testTimeout: 60_000 } },
      {
        test: {
          name: 'slow',
          include: [slow],
          globalSetup: ['test/support/bundle.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
