import type { RandomStream } from '../../../lib/random.ts';
import { type Attack, noise, pick } from './hostile-input.ts';
import { plainRequest, rawRequest } from './raw-request.ts';

const MEBIBYTE = 2 ** 20;
const PATHS: readonly [string, ...string[]] = [
  '/v1/datasets',
  '/v1/jobs',
  '/v1/estimates',
  '/v1/models/MODEL/predict',
  '/v1/models/MODEL/batch-predictions',
  '/v1/models/MODEL/evaluations',
  '/v1/models/MODEL/aliases/prod',
  '/v1/datasets/upload-zzzzzzzzz-0123456789/files',
  '/v1/datasets/upload-zzzzzzzzz-0123456789/complete',
  '/v1/jobs/job-zzzzzzzzz-0123456789/retry',
  '/v1/uploads/abc.def',
  '/v1/health',
  '/nowhere',
];

/** Creates complete bodies that are not JSON, the wrong JSON, or far too large. */
export const bodyAttack: Attack = (random) => {
  const path = pick(random, PATHS);
  const { what, body } = hostileBody(random);
  const headers = {
    'content-type': pick(random, [
      'application/json',
      'application/json; charset=utf-16',
      'text/plain',
      'multipart/form-data; boundary=x',
      '',
    ]),
    ...(random.next() < 0.1 && { 'content-encoding': 'gzip' }),
    ...(random.next() < 0.3 && { 'idempotency-key': pick(random, ['', 'x'.repeat(300), `${random.seed()}`, '\u00ff']) }),
    ...(random.next() < 0.2 && { expect: pick(random, ['100-continue', 'nothing']) }),
  };
  const method = path.includes('/aliases/') || path.includes('/uploads/') ? 'PUT' : 'POST';
  return {
    what: `body: ${what} to ${path}`,
    lane: 'requests',
    send: async (target) => {
      const request = plainRequest(target, { method, path: path.replace('MODEL', target.model), headers, body: body() });
      return [(await rawRequest(target, [request])).status];
    },
  };
};

function hostileBody(random: RandomStream): { what: string; body: () => string | Buffer } {
  const depth = 2 ** (4 + random.integer(18));
  const count = 2 ** (4 + random.integer(17));
  const seed = random.seed();
  return pick(random, [
    { what: `${depth} brackets`, body: () => '['.repeat(depth) + ']'.repeat(depth) },
    { what: `${depth} brackets that stay open`, body: () => '{"a":'.repeat(Math.min(depth, MEBIBYTE)) },
    { what: `${count} numbers`, body: () => `[${'1,'.repeat(count)}1]` },
    { what: `${count} files`, body: () => `{"files":[${'{},'.repeat(count)}{}]}` },
    { what: `${count} images`, body: () => `{"images":[${'{"base64":""},'.repeat(Math.min(count, 2 ** 18))}{}]}` },
    {
      what: `${count} members`,
      body: () => `{${Array.from({ length: Math.min(count, 2 ** 17) }, (_, index) => `"k${index}":0`).join(',')}}`,
    },
    { what: `a text of ${count} letters`, body: () => JSON.stringify({ name: 'a'.repeat(count), dataset: 'b'.repeat(count) }) },
    { what: `a prefix of ${count} letters`, body: () => JSON.stringify({ prefix: `inputs/${'../'.repeat(count / 4)}` }) },
    { what: 'a number of a million digits', body: () => `{"name": ${'9'.repeat(MEBIBYTE)}}` },
    {
      what: 'members of every object',
      body: () => '{"__proto__": {"name": "a"}, "constructor": {"prototype": {}}, "name": "a"}',
    },
    {
      what: 'half characters',
      body: () => Buffer.concat([Buffer.from('{"name": "'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    },
    { what: 'UTF-16', body: () => Buffer.from('\ufeff{"name": "a"}', 'utf16le') },
    { what: 'noise', body: () => Buffer.alloc(1 + (seed % 5000), seed % 255) },
    { what: 'escapes', body: () => `{"name": "${'\\u0000'.repeat(Math.min(count, 2 ** 18))}"}` },
    { what: '6 MiB and one byte', body: () => Buffer.alloc(6 * MEBIBYTE + 1, ' ') },
    { what: '20 MiB', body: () => Buffer.alloc(20 * MEBIBYTE, 'x') },
    { what: 'nothing', body: () => '' },
  ]);
}

/** Creates bodies that are longer or shorter than declared, that never end, or that arrive one byte at a time. */
export const senderAttack: Attack = (random) => {
  const path = pick(random, PATHS);
  const method = path.includes('/uploads/') ? 'PUT' : 'POST';
  const kind = pick(random, [
    'short',
    'short',
    'long',
    'chunks',
    'broken chunks',
    'both lengths',
    'unfinished',
    'unfinished',
    'slow headers',
    'slow body',
  ] as const);
  const length = pick(random, [10, 1000, 5 * MEBIBYTE, 99 * MEBIBYTE, 2 ** 40]);
  const start = (headers: Record<string, string>, address: { host: string; port: number }, model: string) =>
    plainRequest(address, { method, path: path.replace('MODEL', model), headers });
  return {
    what: `sender: ${kind} to ${path}`,
    lane: kind.startsWith('slow') || kind === 'unfinished' ? 'senders' : 'requests',
    send: async (target) => {
      const begin = (headers: Record<string, string>) => start(headers, target, target.model);
      const announced = begin({ 'content-length': `${length}` });
      const chunked = begin({ 'content-length': '', 'transfer-encoding': 'chunked' })
        .toString('latin1')
        .replace(/content-length: \r\n/, '');
      if (kind === 'short') return [(await rawRequest(target, [announced, noise(random, 5)], { end: true })).status];
      if (kind === 'long')
        return [
          (
            await rawRequest(target, [
              begin({ 'content-length': '2' }),
              '{}',
              'GET /v1/health HTTP/1.1\r\nHost: evil.example\r\n\r\n',
            ])
          ).status,
        ];
      if (kind === 'chunks') return [(await rawRequest(target, [chunked, ...manyChunks(random)])).status];
      if (kind === 'broken chunks')
        return [
          (
            await rawRequest(target, [
              chunked,
              pick(random, [
                'zz\r\n',
                '-1\r\n',
                'ffffffffffffffffff\r\n',
                '5;ext=\u0001\r\nhello\r\n',
                '5\r\nhelloworld\r\n0\r\n\r\n',
              ]),
            ])
          ).status,
        ];
      if (kind === 'both lengths')
        return [
          (await rawRequest(target, [begin({ 'content-length': '5', 'transfer-encoding': 'chunked' }), '0\r\n\r\n'])).status,
        ];
      if (kind === 'slow headers')
        return [
          (
            await rawRequest(target, slowly('POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nX-Padding: ', random), {
              patienceMs: 30_000,
            })
          ).status,
        ];
      if (kind === 'slow body') return [(await rawRequest(target, slowly(announced, random), { patienceMs: 40_000 })).status];
      return [
        (
          await rawRequest(target, [announced, ...pieces(Math.min(length - 1, 8 * MEBIBYTE))], {
            patienceMs: 1_000 + random.integer(20_000),
          })
        ).status,
      ];
    },
  };
};

function manyChunks(random: RandomStream): string[] {
  const one = pick(random, ['1\r\n[\r\n', '00000000001\r\n1\r\n']);
  return [...Array.from({ length: 16 }, () => one.repeat(2 ** 12)), '0\r\n\r\n'];
}

function* pieces(length: number): Generator<Buffer> {
  const piece = Buffer.alloc(Math.min(length, MEBIBYTE), ' ');
  for (let sent = 0; sent < length; sent += piece.length) yield piece.subarray(0, length - sent);
}

async function* slowly(start: string | Buffer, random: RandomStream): AsyncGenerator<string | Buffer> {
  yield start;
  const pause = 100 + random.integer(2_000);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    yield 'a';
  }
}
