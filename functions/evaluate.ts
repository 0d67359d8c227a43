import { EvaluateRequest } from '../core/contracts/requests.ts';
import { evaluate } from '../core/steps/evaluate.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(EvaluateRequest, evaluate);
