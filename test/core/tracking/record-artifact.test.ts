import { describe, expect, it } from 'vitest';
import { recordArtifact } from '../../../core/tracking/record-artifact.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

async function started() {
  const tracker = new FakeTracker();
  const experimentId = await tracker.experiment('x');
  await tracker.createRun({ experimentId, name: 'r', startedAt: 1, tags: { kind: 'r' } });
  const record = async (text: string) => {
    const [run] = await tracker.searchRuns(experimentId, { kind: 'r' });
    await recordArtifact(tracker, run!, 'report/index.html', bytes(text));
  };
  const uploads = () => tracker.writes.filter((name) => name.startsWith('uploadArtifact')).length;
  return { tracker, record, uploads };
}

describe('recordArtifact', () => {
  it('writes a file once, and again once it is another', async () => {
    const { tracker, record, uploads } = await started();
    await record('<p>1');
    await record('<p>1');
    expect(uploads()).toBe(1);
    expect(tracker.artifacts.get('run-1/report/index.html')).toEqual(bytes('<p>1'));
    await record('<p>2');
    expect(uploads()).toBe(2);
    expect(tracker.artifacts.get('run-1/report/index.html')).toEqual(bytes('<p>2'));
  });

  it.each([
    { write: 3, when: 'before' },
    { write: 3, when: 'after' },
    { write: 4, when: 'before' },
    { write: 4, when: 'after' },
  ] as const)('comes to the same end after a crash $when write $write', async (crash) => {
    const { tracker, record } = await started();
    tracker.crash = crash;
    await expect(record('<p>1')).rejects.toThrow(/no connection|no answer/);
    await record('<p>1');
    const writes = tracker.writes.length;
    await record('<p>1');
    expect(tracker.writes).toHaveLength(writes);
    expect(tracker.artifacts.get('run-1/report/index.html')).toEqual(bytes('<p>1'));
  });
});
