// What a lane does next, for bench/search/curves.mjs.
import { stream } from '../../core/chance.ts';
import { History } from '../../core/search/history.ts';
import { decide } from '../../core/search/next.ts';
import { rungsOf, schedulerFrom } from '../../core/search/schedulers/rungs.ts';

export { decide, History, rungsOf, schedulerFrom, stream };
