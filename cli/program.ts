import { Command } from 'commander';
import { compareCommand } from './compare.ts';
import { addCompletion } from './completion.ts';
import { describeCommand } from './describe.ts';
import { doctorCommand } from './doctor.ts';
import { exportCommand } from './export.ts';
import { initCommand } from './init.ts';
import { listCommand } from './list.ts';
import { mapCommand } from './map.ts';
import { mlflowCommand } from './mlflow.ts';
import { pipelineCommand } from './pipeline.ts';
import { predictCommand } from './predict.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { resumeCommand } from './resume.ts';
import { retryRejectsCommand } from './retry-rejects.ts';
import { schemaCommand } from './schema.ts';
import { showCommand } from './show.ts';
import { splitCommand } from './split.ts';
import { statusCommand } from './status.ts';
import { stopCommand } from './stop.ts';
import { syncCommand } from './sync.ts';
import { tuneCommand } from './tune.ts';
import { uiCommand } from './ui.ts';
import { verifyCommand } from './verify.ts';

/** Every command there is. */
export const program = new Command('fanfare')
  .description('Hyperparameter tuning and batch inference over tables in S3, with no cluster')
  .version('0.1.0')
  .addCommand(initCommand)
  .addCommand(pipelineCommand)
  .addCommand(describeCommand)
  .addCommand(splitCommand)
  .addCommand(tuneCommand)
  .addCommand(predictCommand)
  .addCommand(retryRejectsCommand)
  .addCommand(verifyCommand)
  .addCommand(replayCommand)
  .addCommand(exportCommand)
  .addCommand(mapCommand)
  .addCommand(reportCommand)
  .addCommand(uiCommand)
  .addCommand(listCommand)
  .addCommand(showCommand)
  .addCommand(compareCommand)
  .addCommand(statusCommand)
  .addCommand(stopCommand)
  .addCommand(resumeCommand)
  .addCommand(syncCommand)
  .addCommand(mlflowCommand)
  .addCommand(doctorCommand)
  .addCommand(schemaCommand);

addCompletion(program);
