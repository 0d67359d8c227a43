import { CommitRequest } from '../core/contracts/requests.ts';
import { commitPrediction } from '../core/steps/commit-prediction.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(CommitRequest, commitPrediction);
