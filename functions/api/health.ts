import { Health } from '../../lib/contracts/http.ts';
import { route } from './route.ts';
import { version } from './version.ts';

export const health = route(
  { method: 'GET', path: '/v1/health', about: 'Returns the state and the version of the API.', response: Health },
  async () => ({ status: 'ok' as const, version, node: process.version }),
);
