import { type Attack, pick } from './hostile-input.ts';
import { rawRequest } from './raw-request.ts';

const NAMES = [
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.nip.io',
  'localhost@evil.example',
  '0x7f.1',
  '2130706433',
  '127.1',
  'xn--lcalhost-35a',
  'LOCALHOST\u00a0',
  '[::ffff:8.8.8.8]',
  '[::1',
  '::1',
  '[fe80::1%25lo]',
  '169.254.169.254',
  '..',
  '',
  'localhost:99999999',
  'localhost:port',
  'localhost/../',
  'localhost#',
  'a'.repeat(4000),
] as const;
const OWN = ['localhost', 'LOCALHOST.', '127.0.0.1', '127.9.9.9', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]'] as const;
const ORIGINS = [
  'http://evil.example',
  'null',
  'file://',
  'http://localhost.evil.example',
  'http://[',
  'about:blank',
  'http://localhost:1',
] as const;
const TARGETS = [
  '/v1/jobs',
  '/v1/datasets',
  '/v1/health',
  '/openapi.json',
  '/v1/uploads/x.y',
  '*',
  'http://evil.example/v1/jobs',
  'ftp://localhost/v1/jobs',
  'javascript:/v1/jobs',
  '//evil.example/v1/jobs',
  '/\\evil.example',
  '/v1/%',
  '/%00',
  '/v1/jobs/../../etc/passwd',
  `/v1/jobs?after=${'%27'.repeat(1500)}`,
] as const;

/** Creates requests with wrong host names, foreign origins, invalid paths, upgrades, and old or odd forms of HTTP. */
export const hostAttack: Attack = (random) => {
  const hosts = Array.from({ length: pick(random, [1, 1, 1, 1, 1, 0, 2]) }, () =>
    pick(random, [...(random.next() < 0.6 ? NAMES : OWN)] as [string, ...string[]]),
  );
  const method = pick(random, ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'CONNECT', 'PATCH', 'PROPFIND']);
  const target = pick(random, TARGETS);
  const version = pick(random, ['1.1', '1.1', '1.1', '1.0', '2.0', '0.9']);
  const lines = [
    `${method} ${target} HTTP/${version}`,
    ...hosts.map((host) => `Host: ${host}`),
    ...(random.next() < 0.4 ? [`Origin: ${pick(random, ORIGINS)}`] : []),
    ...(random.next() < 0.2
      ? ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13']
      : []),
    ...(random.next() < 0.1 ? [`Authorization: Bearer ${'x'.repeat(random.integer(9000))}`] : []),
    ...(random.next() < 0.1 ? ['Transfer-Encoding: chunked', 'Content-Length: 5'] : []),
    ...(random.next() < 0.05 ? [' folded: line', 'Bad Header'] : []),
  ];
  return {
    what: `${method} ${target.slice(0, 40)} of ${hosts.join(' and ').slice(0, 60) || 'no host'}`,
    lane: 'requests',
    send: async (address) => [(await rawRequest(address, [`${lines.join('\r\n')}\r\n\r\n`], { end: true })).status],
  };
};
