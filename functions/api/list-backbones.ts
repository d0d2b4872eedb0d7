import { listBackbones as list } from '../../lib/backbones/list-backbones.ts';
import { route } from './route.ts';

export const listBackbones = route(
  { method: 'GET', path: '/v1/backbones', about: 'Every backbone of the catalogue, and which weights are here.' },
  async (_, { world }) => ({ backbones: await list(world.store) }),
);
