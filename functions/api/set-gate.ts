import { z } from 'zod';
import { AliasGate, Gate } from '../../lib/contracts/gate.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { setGate as set } from '../../lib/promotion/set-gate.ts';
import { route } from './route.ts';

export const setGate = route(
  {
    method: 'PUT',
    path: '/v1/models/{name}/aliases/{alias}/gate',
    about: 'Sets the gate of an alias, which need not exist yet.',
    params: z.object({ name: Name, alias: Alias }),
    body: Gate,
    response: AliasGate,
    problems: [404],
  },
  async ({ params: { name, alias }, body: gate }, { world }) => {
    await set({ name, alias, gate }, world.store);
    return { model: name, alias, gate };
  },
);
