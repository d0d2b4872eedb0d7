import { createServer, type IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { parseHTML } from 'linkedom';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { publishConsole } from '../../../cli/aws/publish-console.ts';
import { SIGN_IN_META } from '../../../lib/contracts/sign-in-settings.ts';

const signIn = {
  issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/pool',
  authorizationEndpoint: 'https://users.example/oauth2/authorize',
  tokenEndpoint: 'https://users.example/oauth2/token',
  revocationEndpoint: 'https://users.example/oauth2/revoke',
  signOut: 'https://users.example/logout?client_id=a&logout_uri=https://site.example/',
  clientId: '"><script>alert(1)</script>&amp;',
  scope: 'openid',
};

interface Stored {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** S3 on loopback, as the SDK finds it by the environment. */
async function openS3(status = 200): Promise<Stored[]> {
  const stored: Stored[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const path = new URL(request.url ?? '', 'http://localhost').pathname;
    if (request.method === 'PUT') stored.push({ path, headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  return stored;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('publishing the console', () => {
  test('stores every file compressed, with its type and how long it may be cached, and the page last', async () => {
    const stored = await openS3();
    await publishConsole('graft-console', 'eu-west-1', signIn);
    const paths = stored.map(({ path }) => path);
    expect(paths.at(-1)).toBe('/graft-console/index.html');
    expect(new Set(paths).size).toBe(paths.length);
    const firstOther = paths.indexOf('/graft-console/console/main.js');
    expect(paths.findLastIndex((path) => path.includes('/console/part-'))).toBeLessThan(firstOther);
    for (const { path, headers } of stored.slice(0, -1)) {
      expect(path).toMatch(/^\/graft-console\/console\//);
      expect(headers['content-encoding']).toMatch(/^gzip/);
      expect(headers['cache-control']).toBe(path.includes('/part-') ? 'public, max-age=31536000, immutable' : 'no-cache');
    }
    const typeOf = (name: string) => stored.find(({ path }) => path.endsWith(name))?.headers['content-type'];
    expect(typeOf('/main.js')).toBe('text/javascript; charset=utf-8');
    expect(typeOf('/main.css')).toBe('text/css; charset=utf-8');
    expect(typeOf('/onnxruntime.wasm')).toBe('application/wasm');
  });

  test('puts the provider into the page as data, whatever its members contain', async () => {
    const stored = await openS3();
    await publishConsole('graft-console', 'eu-west-1', signIn);
    const page = bodyOf(stored.at(-1)).toString();
    expect(stored.at(-1)?.headers['cache-control']).toBe('no-cache');
    expect(page).not.toContain('<script>alert');
    const { document } = parseHTML(page);
    expect(document.querySelectorAll('script')).toHaveLength(2);
    expect(JSON.parse(document.querySelector(`meta[name="${SIGN_IN_META}"]`)?.getAttribute('content') ?? '')).toEqual(signIn);
  });

  test('says what to do if S3 refuses', async () => {
    await openS3(403);
    await expect(publishConsole('graft-console', 'eu-west-1', signIn)).rejects.toMatchObject({
      code: 'CONSOLE_NOT_PUBLISHED',
      at: 'graft-console',
      fix: expect.stringContaining('s3:PutObject'),
    });
  });
});

/** The SDK sends a body in chunks with a checksum after it. */
function bodyOf(stored: Stored | undefined): Buffer {
  if (stored === undefined) throw new Error('nothing was stored');
  const { body, headers } = stored;
  const plain = `${headers['content-encoding'] ?? ''}`.includes('aws-chunked') ? chunksOf(body) : body;
  return `${headers['content-encoding'] ?? ''}`.includes('gzip') ? gunzipSync(plain) : plain;
}

function chunksOf(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, end).toString(), 16);
    if (size === 0) break;
    chunks.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}
