import { Health } from '../../lib/contracts/http.ts';
import { route } from './route.ts';
import { version } from './version.ts';

export const health = route(
  { method: 'GET', path: '/v1/health', about: 'Whether the API answers, and of which version it is.', response: Health },
  async () => ({ status: 'ok' as const, version, node: process.version }),
);
