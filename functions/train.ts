import { TrainRequest } from '../core/contracts/requests.ts';
import { train } from '../core/steps/train.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(TrainRequest, train);
