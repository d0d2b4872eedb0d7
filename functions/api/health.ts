import { Health } from '../../lib/contracts/http.ts';
import { version } from '../../lib/contracts/version.ts';
import { route } from './route.ts';

export const health = route(
  { method: 'GET', path: '/v1/health', about: 'Returns the state and the version of the API.', response: Health },
  async () => ({ status: 'ok' as const, version, node: process.version }),
);
