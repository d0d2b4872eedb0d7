import { listBackbones as list } from '../../lib/backbones/list-backbones.ts';
import { BackboneList } from '../../lib/contracts/http.ts';
import { route } from './route.ts';

export const listBackbones = route(
  {
    method: 'GET',
    path: '/v1/backbones',
    about: 'Lists the backbones of the catalogue, and their available weights.',
    response: BackboneList,
  },
  async (_, { world }) => ({ backbones: await list(world.store) }),
);
