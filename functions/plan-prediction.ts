import { PlanPredictionRequest } from '../core/contracts/requests.ts';
import { planPrediction } from '../core/steps/plan-prediction.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(PlanPredictionRequest, planPrediction);
