import { ConcludeStudyRequest } from '../core/contracts/requests.ts';
import { concludeStudy } from '../core/steps/conclude-study.ts';
import { entry } from './shared/entry.ts';

export const handler = entry(ConcludeStudyRequest, concludeStudy);
