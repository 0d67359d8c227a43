import { expect, test } from 'vitest';
import { Conclusion } from '../../../core/contracts/conclusion.ts';
import { keys } from '../../../core/contracts/keys.ts';
import { concludeStudy } from '../../../core/steps/conclude-study.ts';
import { finishStudy } from '../../../core/steps/finish-study.ts';
import { readAll } from '../../../core/steps/objects.ts';
import { memoryStore } from '../../support/memory-store.ts';
import {
  askAs,
  execution,
  fileOf,
  flights,
  prepare,
  putSpec,
  runLane,
  specOf,
  splitAll,
  stepPorts,
} from '../../support/step-world.ts';

test('a study whose lanes were lost is not concluded, says why, and goes on when it is run again', async () => {
  const store = memoryStore();
  const ports = stepPorts(store, { flights: [fileOf('csv', flights(1500))] });
  const spec = await putSpec(store, specOf());
  const { dataset } = await splitAll(spec, ports);
  const study = await prepare(spec, dataset, ports);
  await askAs(study, 1, ports);
  const error = { Error: 'ENOSPC', Cause: '{"errorMessage":"no space left on device"}' };
  await finishStudy({ study, execution, error }, ports);

  await expect(concludeStudy({ study, execution }, ports)).rejects.toMatchObject({
    name: 'StudyFailed',
    message: expect.stringContaining('ENOSPC: no space left on device'),
  });
  expect(await readAll(store, keys.conclusions(study), Conclusion)).toEqual([]);

  await runLane(study, ports, 'run-2');
  await expect(concludeStudy({ study, execution: 'run-2' }, ports)).resolves.toMatchObject({
    trials: { total: specOf().tune.trials, failed: 0 },
  });
});
