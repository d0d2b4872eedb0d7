import { extname } from 'node:path';
import { z } from 'zod';
import { NotFoundError } from '../../lib/errors.ts';
import { RawResponse } from '../api/response.ts';
import { route } from '../api/route.ts';
import { openConsole, readConsoleRuntime } from './console-files.ts';
import { CONSOLE_HEADERS, consolePolicy } from './console-policy.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** Parts of the script are named by their content; the other files may differ in the next version. */
const CACHES = { part: 'public, max-age=31536000, immutable', other: 'no-cache' } as const;

const HEADERS = { 'content-security-policy': consolePolicy(), ...CONSOLE_HEADERS };

/** GET /: the console's page. */
export const getConsole = route(
  { method: 'GET', path: '/', about: 'Returns the console.', access: 'open', contentTypes: ['text/html'] },
  async () => consoleFile('index.html'),
);

/** GET /console/{file}: what the page loads, and the licences of the packages in it. */
export const getConsoleFile = route(
  {
    method: 'GET',
    path: '/console/{file}',
    about: 'Returns a script or style of the console, its WebAssembly, or its licences.',
    params: z.object({ file: z.string() }),
    access: 'open',
    contentTypes: ['text/javascript', 'text/css', 'application/wasm', 'text/plain'],
    problems: [404],
  },
  ({ params: { file } }) => consoleFile(file),
);

/** A file of the console, compressed with gzip, with its policy. @throws NotFoundError CONSOLE_FILE_NOT_FOUND */
export async function consoleFile(name: string): Promise<RawResponse> {
  const body = name === 'onnxruntime.wasm' ? await readConsoleRuntime() : (await openConsole()).get(name);
  if (body === undefined) {
    throw new NotFoundError('CONSOLE_FILE_NOT_FOUND', {
      at: `/console/${name}`,
      expected: 'a file of the console',
      received: 'another name',
      fix: 'reload the page: Graft may have been updated',
    });
  }
  return new RawResponse(body, {
    ...HEADERS,
    'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
    'content-encoding': 'gzip',
    'cache-control': name.startsWith('part-') ? CACHES.part : CACHES.other,
  });
}
