import { route } from './route.ts';

export const health = route({ method: 'GET', path: '/v1/health', about: 'Whether the API answers.' }, async () => ({
  status: 'ok',
}));
