import { listBackbones as list } from '../../lib/backbones/list-backbones.ts';
import { BackboneList } from '../../lib/contracts/http.ts';
import { route } from './route.ts';

export const listBackbones = route(
  {
    method: 'GET',
    path: '/v1/backbones',
    about: 'Every backbone of the catalogue, and which weights are here.',
    response: BackboneList,
  },
  async (_, { world }) => ({ backbones: await list(world.store) }),
);
