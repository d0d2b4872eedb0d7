import { z } from 'zod';
import { AliasGate } from '../../lib/contracts/gate.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { readGate } from '../../lib/models/gates.ts';
import { route } from './route.ts';

export const getGate = route(
  {
    method: 'GET',
    path: '/v1/models/{name}/aliases/{alias}/gate',
    about: 'Returns the gate of an alias: what a version must meet before the alias moves to it.',
    params: z.object({ name: Name, alias: Alias }),
    response: AliasGate,
    problems: [404],
  },
  async ({ params: { name, alias } }, { world }) => ({ model: name, alias, gate: await readGate(name, alias, world.store) }),
);
