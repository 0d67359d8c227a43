import { defineTrainable } from 'fanfare';

/** What the suite `machinery` tunes: a trial does nothing but report. */
// biome-ignore lint/style/noDefaultExport: what a specification names is the module's default export
export default defineTrainable<{ x: number }>({
  *train({ params, until }) {
    yield { resource: until, value: -((params.x - 0.3) ** 2), checkpoint: () => new Uint8Array(0) };
  },
});
