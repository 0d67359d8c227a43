import { FinishStudyRequest } from '../core/contracts/requests.ts';
import { finishStudy } from '../core/steps/finish-study.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(FinishStudyRequest, finishStudy);
