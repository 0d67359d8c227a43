import { defineTrainable } from 'fanfare';

/** What the suite `record` tunes: a trial does nothing but report, ten points on its way and ten metrics at its end. */
// biome-ignore lint/style/noDefaultExport: what a specification names is the module's default export
export default defineTrainable<Record<string, number>>({
  *train({ params, from, until }) {
    const loss = Object.values(params).reduce((sum, value) => sum + (value - 0.3) ** 2, 0);
    const metrics = Object.fromEntries(
      Array.from({ length: 10 }, (_, at) => [`metric_${at}`, loss / (at + 1)]),
    );
    for (let resource = from.resource + 1; resource <= until; resource++) {
      yield { resource, value: -loss / resource, metrics, checkpoint: () => new Uint8Array(0) };
    }
  },
});
