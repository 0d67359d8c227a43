import { sha256 } from '../digest.ts';
import { tag } from './tags.ts';
import type { Run, RunStore } from './tracker.ts';

/**
 * A file beside a run: MLflow's page of the run shows pictures, HTML, Markdown, CSV, JSON and plain text. Written again only
 * where the run's tag says that other bytes stand there, or none.
 */
export async function recordArtifact(
  tracker: RunStore,
  run: Pick<Run, 'id' | 'location' | 'tags'>,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const name = `${tag.artifact}${path.replaceAll('/', '.')}`;
  const digest = await sha256(bytes);
  if (run.tags[name] === digest) return;
  await tracker.uploadArtifact(run, path, bytes);
  await tracker.logBatch(run.id, { metrics: [], params: {}, tags: { [name]: digest } });
}
