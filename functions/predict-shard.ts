import { PredictShardRequest } from '../core/contracts/requests.ts';
import { predictShard } from '../core/steps/predict-shard.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(PredictShardRequest, predictShard);
