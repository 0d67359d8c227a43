import { FanfareError } from '../core/errors.ts';
import { runMap } from './map.ts';
import { runPipeline } from './pipeline.ts';
import { runPredict } from './predict.ts';
import { command, type Options, type Session, withSession } from './session.ts';
import { runSplit } from './split.ts';
import { runTune } from './tune.ts';

export const resumeCommand = command(
  'resume',
  'do again what was last done under a name: a stopped or failed one goes on, nothing is computed anew',
)
  .argument('<name>', "the specification's name")
  .action(async (name: string, options: Options) => {
    await withSession(options, (session) => resume(session, name, options));
  });

async function resume(session: Session, name: string, options: Options): Promise<void> {
  const last = await session.engine.last(name);
  if (last === undefined) {
    throw new FanfareError(
      'MissingInput',
      `nothing named ${name} was run in ${session.engine.place}; fanfare status shows what there is`,
    );
  }
  session.progress.note(`${last.command} ${name} …`);
  if (last.command === 'map') return runMap(session, last.spec, options);
  const { command, spec, model } = last;
  switch (command) {
    case 'split':
      return runSplit(session, spec, options);
    case 'tune':
      return runTune(session, spec, options);
    case 'predict':
      return runPredict(session, spec, model, options);
    case 'pipeline':
      return runPipeline(session, spec, options);
  }
}
