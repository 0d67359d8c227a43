import { PlanMapRequest } from '../core/contracts/requests.ts';
import { planMap } from '../core/steps/plan-map.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(PlanMapRequest, planMap);
