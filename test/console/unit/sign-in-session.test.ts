import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openSession } from '../../../console/sign-in/session.ts';

const PAGE = 'https://site.example/';
const PROVIDER = 'https://users.example';
const settings = {
  issuer: 'https://issuer.example/pool',
  authorizationEndpoint: `${PROVIDER}/oauth2/authorize`,
  tokenEndpoint: `${PROVIDER}/oauth2/token`,
  revocationEndpoint: `${PROVIDER}/oauth2/revoke`,
  signOut: `${PROVIDER}/logout`,
  clientId: 'the-client',
  scope: 'openid email graft/api',
};

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const idToken = (claims: object) => `${encoded({ alg: 'RS256' })}.${encoded(claims)}.${encoded('signature')}`;

type Reply = (form: URLSearchParams, path: string) => Response | Promise<Response>;

/** A session in a new tab, whose requests `reply` answers. The clock begins at the present, which the library compares. */
function opened(reply: Reply) {
  const values = new Map<string, string>();
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
  const sent: { path: string; form: URLSearchParams }[] = [];
  const clock = { now: Date.now() };
  const fetcher: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const form = new URLSearchParams(await request.text());
    const { pathname } = new URL(request.url);
    sent.push({ path: pathname, form });
    return reply(form, pathname);
  };
  const session = openSession(settings, PAGE, { storage, fetcher, now: () => clock.now });
  return { session, sent, values, clock };
}

function tokens(nonce: string | null, changes: { readonly claims?: object; readonly response?: object } = {}): Response {
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { iss: settings.issuer, aud: settings.clientId, sub: 'user-1', iat: seconds, exp: seconds + 900 };
  return Response.json({
    access_token: 'access-1',
    refresh_token: 'refresh-1',
    token_type: 'Bearer',
    expires_in: 900,
    id_token: idToken({ ...claims, email: 'ada@example.com', ...(nonce !== null && { nonce }), ...changes.claims }),
    ...changes.response,
  });
}

/** Begins a sign-in, and returns the address to which the provider redirects. */
async function redirected({ session }: Pick<ReturnType<typeof opened>, 'session'>, returnTo = '#/datasets/flowers') {
  const asked = (await session.begin(returnTo)).searchParams;
  return { asked, back: new URL(`${PAGE}?code=the-code&state=${asked.get('state')}`) };
}

/** A tab in which a user is signed in; later requests get `later`. */
async function signedIn(later: Reply = () => Response.error()) {
  let nonce: string | null = null;
  let isFirst = true;
  const tab = opened((form, path) => {
    if (!isFirst) return later(form, path);
    isFirst = false;
    return tokens(nonce);
  });
  const { asked, back } = await redirected(tab);
  nonce = asked.get('nonce');
  await tab.session.complete(back);
  tab.sent.length = 0;
  return tab;
}

const refusal = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
const renewed = () =>
  Response.json({ access_token: 'access-2', refresh_token: 'refresh-2', token_type: 'Bearer', expires_in: 900 });

describe('a sign-in', () => {
  test('asks for a code with PKCE, state and nonce, and returns to the address with the tokens', async () => {
    let nonce: string | null = null;
    const tab = opened(() => tokens(nonce));
    const { asked, back } = await redirected(tab);
    nonce = asked.get('nonce');
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      client_id: 'the-client',
      redirect_uri: PAGE,
      scope: 'openid email graft/api',
      code_challenge_method: 'S256',
    });
    expect(await tab.session.complete(back)).toBe('#/datasets/flowers');
    const form = Object.fromEntries(tab.sent[0]?.form ?? []);
    expect(form).toMatchObject({
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: PAGE,
      client_id: 'the-client',
    });
    const challenge = createHash('sha256').update(`${form.code_verifier}`).digest('base64url');
    expect(challenge).toBe(asked.get('code_challenge'));
    expect(tab.session.user()).toBe('ada@example.com');
    expect(await tab.session.accessToken()).toBe('access-1');
    expect(tab.sent).toHaveLength(1);
  });

  test('draws state, nonce and verifier anew each time', async () => {
    const tab = opened(() => tokens(null));
    const [one, two] = [await redirected(tab), await redirected(tab)];
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.asked.get(name)).toMatch(/^[\w-]{43}$/);
      expect(one.asked.get(name)).not.toBe(two.asked.get(name));
    }
  });

  test.each<[string, (back: URL) => void, RegExp]>([
    ['another state', (back) => back.searchParams.set('state', 'of-an-attacker'), /state/],
    ['no state', (back) => back.searchParams.delete('state'), /state/],
    ['a second code', (back) => back.searchParams.append('code', 'another'), /code/],
    [
      'a refusal',
      (back) => {
        back.searchParams.delete('code');
        back.searchParams.set('error', 'access_denied');
        back.searchParams.set('error_description', 'No such user');
      },
      /did not succeed: No such user/,
    ],
  ])('with %s asks for no token, and does not succeed', async (_, change, message) => {
    const tab = opened(() => tokens(null));
    const { back } = await redirected(tab);
    change(back);
    await expect(tab.session.complete(back)).rejects.toThrow(message);
    expect(tab.sent).toEqual([]);
    expect(await tab.session.accessToken()).toBeUndefined();
  });

  test.each<[string, object]>([
    ['the nonce of another sign-in', { nonce: 'another' }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['the audience of another client', { aud: 'another' }],
    ['a time that has passed', { exp: 1 }],
  ])('whose identity token has %s does not succeed', async (_, claims) => {
    let nonce: string | null = null;
    const tab = opened(() => tokens(nonce, { claims }));
    const { asked, back } = await redirected(tab);
    nonce = asked.get('nonce');
    await expect(tab.session.complete(back)).rejects.toThrow(/did not succeed/);
    expect([...tab.values]).toEqual([]);
  });

  test('without an identity token does not succeed', async () => {
    const tab = opened(() => tokens(null, { response: { id_token: undefined } }));
    const { back } = await redirected(tab);
    await expect(tab.session.complete(back)).rejects.toThrow(/did not succeed/);
    expect([...tab.values]).toEqual([]);
  });

  test('that this tab did not begin is refused, also the second time', async () => {
    const tab = await signedIn();
    await expect(tab.session.complete(new URL(`${PAGE}?code=x&state=y`))).rejects.toThrow(/did not begin/);
    expect(tab.sent).toEqual([]);
    expect(tab.session.user()).toBe('ada@example.com');
  });
});

describe('an access token', () => {
  test('is refreshed once for all requests, a minute before it expires', async () => {
    const tab = await signedIn(renewed);
    tab.clock.now += 839_000;
    expect(await tab.session.accessToken()).toBe('access-1');
    tab.clock.now += 2_000;
    const both = await Promise.all([tab.session.accessToken(), tab.session.accessToken()]);
    expect(both).toEqual(['access-2', 'access-2']);
    expect(tab.sent.map(({ form }) => Object.fromEntries(form))).toEqual([
      { grant_type: 'refresh_token', refresh_token: 'refresh-1', client_id: 'the-client' },
    ]);
    tab.clock.now += 850_000;
    await tab.session.accessToken();
    expect(tab.sent[1]?.form.get('refresh_token')).toBe('refresh-2');
    expect(tab.session.user()).toBe('ada@example.com');
  });

  test('is gone when the provider refuses the refresh token', async () => {
    const tab = await signedIn(refusal);
    tab.clock.now += 900_000;
    expect(await tab.session.accessToken()).toBeUndefined();
    expect(tab.session.user()).toBeUndefined();
    expect([...tab.values]).toEqual([]);
  });

  test.each([
    ['cannot be reached', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['has an error of its own', () => new Response('', { status: 503 })],
  ])('stays while it is valid if the provider %s, and the user stays signed in', async (_, reply) => {
    const tab = await signedIn(reply);
    tab.clock.now += 850_000;
    expect(await tab.session.accessToken()).toBe('access-1');
    tab.clock.now += 100_000;
    await expect(tab.session.accessToken()).rejects.toThrow();
    expect(tab.session.user()).toBe('ada@example.com');
  });

  test('that arrives after the user signed out is not kept', async () => {
    const held = Promise.withResolvers<Response>();
    const tab = await signedIn((_, path) => (path.endsWith('/token') ? held.promise : new Response()));
    tab.clock.now += 900_000;
    const refreshed = tab.session.accessToken();
    await tab.session.end();
    held.resolve(renewed());
    expect(await refreshed).toBeUndefined();
    expect([...tab.values]).toEqual([]);
  });

  test('of another version of the page counts as none', async () => {
    const tab = opened(() => tokens(null));
    for (const value of ['', '{"access":1}', 'no JSON']) {
      tab.values.set('graft-tokens', value);
      expect(await tab.session.accessToken()).toBeUndefined();
    }
  });
});

describe('signing out', () => {
  test('forgets the tokens, and revokes the refresh token', async () => {
    const tab = await signedIn(() => new Response());
    await tab.session.end();
    expect([...tab.values]).toEqual([]);
    expect(tab.sent.map(({ path, form }) => [path, Object.fromEntries(form)])).toEqual([
      ['/oauth2/revoke', { token: 'refresh-1', client_id: 'the-client' }],
    ]);
  });

  test('succeeds without a response of the provider', async () => {
    const tab = await signedIn(() => Promise.reject(new TypeError('Failed to fetch')));
    await tab.session.end();
    expect(tab.session.user()).toBeUndefined();
  });
});
