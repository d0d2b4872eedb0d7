import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import * as oauth from 'oauth4webapi';
import Provider from 'oidc-provider';
import { onTestFinished } from 'vitest';
import { type SiteFile, siteFiles } from '../../../cli/aws/site-files.ts';
import { pathPattern } from '../../../functions/api/dispatch-request.ts';
import { routes } from '../../../functions/api/routes.ts';
import { CONSOLE_HEADERS, consolePolicy } from '../../../functions/local/console-policy.ts';
import type { SignInSettings } from '../../../lib/contracts/sign-in-settings.ts';
import { startDev } from '../graft.ts';

const CLIENT = 'the-console';
const SCOPE = 'graft/api';
const RESOURCE = 'https://graft.example/api';
const DEV_TOKEN = 'a-token-that-no-page-knows';

export interface ConsoleSite {
  readonly address: string;
  readonly signIn: SignInSettings;
  /** The access tokens of the requests that reached the API, in order. */
  readonly accepted: string[];
}

/**
 * The console as a site with sign-in: a real provider of OpenID Connect, the files as `graft deploy` publishes them with
 * the headers of the distribution, and the API of `graft dev` behind a proxy that, as API Gateway does, has no other routes
 * than those of the table, and verifies access tokens. All of it listens on loopback, and ends with the test.
 */
export async function openConsoleSite(data: string): Promise<ConsoleSite> {
  const dev = await startDev({ GRAFT_DATA_DIR: data, GRAFT_TENSORFLOW: 'wasm', GRAFT_API_TOKEN: DEV_TOKEN });
  const [provider, site] = [await listen(), await listen()];
  provider.respond(openProvider(provider.address, `${site.address}/`));
  const signIn: SignInSettings = {
    issuer: provider.address,
    authorizationEndpoint: `${provider.address}/auth`,
    tokenEndpoint: `${provider.address}/token`,
    revocationEndpoint: `${provider.address}/token/revocation`,
    signOut: `${provider.address}/session/end?client_id=${CLIENT}&post_logout_redirect_uri=${site.address}/`,
    clientId: CLIENT,
    scope: `openid email ${SCOPE}`,
  };
  const files = new Map((await siteFiles(signIn)).map((file) => [file.key, file]));
  const headers = { ...CONSOLE_HEADERS, 'content-security-policy': consolePolicy([provider.address]) };
  const accepted: string[] = [];
  site.respond(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', site.address);
    if (!pathname.startsWith('/v1/')) return sendFile(files.get(pathname.slice(1) || 'index.html'), headers, response);
    if (!isRoute(request.method, pathname)) return void response.writeHead(404, headers).end('{"message":"Not Found"}');
    if (!(await isAccepted(request, signIn))) return void response.writeHead(401, headers).end('{"message":"Unauthorized"}');
    accepted.push(`${request.headers.authorization}`);
    // At the end of a test, the page may still wait for `graft dev`, which has ended.
    await forward(request, dev.address, headers, response).catch(() => response.destroy());
  });
  return { address: site.address, signIn, accepted };
}

function sendFile(file: SiteFile | undefined, headers: Readonly<Record<string, string>>, response: ServerResponse): void {
  if (file === undefined) return void response.writeHead(403).end();
  response.writeHead(200, {
    ...headers,
    'content-type': file.contentType,
    'cache-control': file.cacheControl,
    ...(file.contentEncoding !== undefined && { 'content-encoding': file.contentEncoding }),
  });
  response.end(file.body);
}

/** Whether API Gateway has such a route. Signed requests of files, which `graft dev` serves, too, go to S3 in AWS. */
function isRoute(method: string | undefined, pathname: string): boolean {
  if (/^\/v1\/(?:uploads|downloads)\//.test(pathname)) return true;
  return routes.some(({ contract }) => contract.method === method && pathPattern(contract.path).test(pathname));
}

/** Whether a request has an access token of this client with the scope of the API. */
async function isAccepted({ method, headers }: IncomingMessage, { issuer }: SignInSettings): Promise<boolean> {
  const server = { issuer, jwks_uri: `${issuer}/jwks` };
  const request = new Request(RESOURCE, { method: method ?? 'GET', headers: { authorization: headers.authorization ?? '' } });
  const options = { [oauth.allowInsecureRequests]: true };
  const claims = await oauth.validateJwtAccessToken(server, request, CLIENT, options).catch(() => undefined);
  return claims?.scope?.split(' ').includes(SCOPE) ?? false;
}

/** Passes a request on to `graft dev`, with its token and nothing else of the caller's. */
async function forward(
  request: IncomingMessage,
  address: string,
  headers: Readonly<Record<string, string>>,
  response: ServerResponse,
): Promise<void> {
  const body = Buffer.concat(await request.toArray());
  const type = request.headers['content-type'];
  const answer = await fetch(new URL(request.url ?? '/', address), {
    method: request.method ?? 'GET',
    headers: { authorization: `Bearer ${DEV_TOKEN}`, ...(type !== undefined && { 'content-type': type }) },
    ...(body.length > 0 && { body }),
  });
  response.writeHead(answer.status, { ...headers, 'content-type': answer.headers.get('content-type') ?? '' });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/** A provider whose users are whoever types an email address. It checks redirects, PKCE, codes and refresh tokens. */
function openProvider(issuer: string, page: string): RequestListener {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        redirect_uris: [page],
        post_logout_redirect_uris: [page],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    scopes: ['openid', 'email'],
    claims: { openid: ['sub'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id }) }),
    pkce: { required: () => true },
    clientBasedCORS: (_, origin) => `${origin}/` === page,
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    cookies: { keys: ['of-this-test'] },
    features: {
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: SCOPE, audience: CLIENT, accessTokenFormat: 'jwt', accessTokenTTL: 900 }),
      },
    },
  });
  return provider.callback();
}

/** A server on a free port of loopback, before it is known how it responds. */
async function listen() {
  let listener: RequestListener = (_, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const bound = server.address();
  return {
    address: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`,
    respond(given: RequestListener) {
      listener = given;
    },
  };
}
