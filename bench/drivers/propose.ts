// Our samplers, for bench/search.
import { stream } from '../../core/chance.ts';
import { Space } from '../../core/contracts/space.ts';
import { chooseSampler } from '../../core/search/choose-sampler.ts';
import { hypervolumeOf } from '../../core/search/hypervolume.ts';
import { propose } from '../../core/search/propose.ts';
import { groupsOf } from '../../core/search/space.ts';

export { chooseSampler, groupsOf, hypervolumeOf, propose, Space, stream };
