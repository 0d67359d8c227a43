import { LoseShardRequest } from '../core/contracts/requests.ts';
import { loseShard } from '../core/steps/job.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(LoseShardRequest, loseShard);
