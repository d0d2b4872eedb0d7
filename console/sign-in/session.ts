import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import { messageOf } from '../../lib/contracts/errors/message-of.ts';
import type { SignInSettings } from '../../lib/contracts/sign-in-settings.ts';
import { PageError } from '../page-error.ts';
import { text } from '../strings.ts';

/** What a session needs of the browser. */
export interface Surroundings {
  /** Of the tab: the session ends with it. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly fetcher: typeof fetch;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Session {
  /** Who signed in: the email address, or else the subject. */
  user(): string | undefined;
  /** @param returnTo the address to return to, behind `#` @returns the address on which the user signs in */
  begin(returnTo: string): Promise<URL>;
  /**
   * Takes the provider's response, once.
   * @param address that the provider redirected to
   * @returns the address at which the sign-in began
   * @throws PageError if this tab began no sign-in, the provider refuses, or state, nonce or token are others
   */
  complete(address: URL): Promise<string>;
  /** An access token, refreshed if it expires soon. Undefined if the user has to sign in. */
  accessToken(): Promise<string | undefined>;
  /** Forgets the tokens, and has the provider revoke them. */
  end(): Promise<void>;
}

/** A sign-in that has begun. `place` is a stored name: the address to return to. */
const Pending = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), place: z.string() });
type Pending = z.infer<typeof Pending>;

const Tokens = z.object({
  access: z.string(),
  refresh: z.string().optional(),
  user: z.string(),
  /** Of the access token: milliseconds since 1970, by the clock of this browser. */
  expiresAt: z.number(),
});
type Tokens = z.infer<typeof Tokens>;

const PENDING_KEY = 'graft-sign-in';
const TOKENS_KEY = 'graft-tokens';
/** A token that expires sooner is refreshed. */
const MARGIN_MS = 60_000;
const REVOKE_MS = 3_000;

/**
 * A session by OpenID Connect: authorization code with PKCE (RFC 7636) for a public client, state and nonce, refresh
 * tokens.
 * @param page the address to which the provider redirects
 */
export function openSession(settings: SignInSettings, page: string, { storage, fetcher, now }: Surroundings): Session {
  const server: oauth.AuthorizationServer = {
    issuer: settings.issuer,
    token_endpoint: settings.tokenEndpoint,
    revocation_endpoint: settings.revocationEndpoint,
  };
  const client: oauth.Client = { client_id: settings.clientId };
  const options = {
    [oauth.customFetch]: fetcher,
    // Requests on one machine need no TLS (RFC 8252, section 7.3).
    [oauth.allowInsecureRequests]: new URL(settings.tokenEndpoint).hostname === '127.0.0.1',
  };

  /** The response of the token endpoint to the code in the address. */
  async function exchange(address: URL, { state, nonce, verifier }: Pending): Promise<oauth.TokenEndpointResponse> {
    const code = oauth.validateAuthResponse(server, client, address, state);
    const response = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), code, page, verifier, options);
    const expected = { expectedNonce: nonce, requireIdToken: true };
    return oauth.processAuthorizationCodeResponse(server, client, response, expected);
  }

  let refreshing: Promise<string | undefined> | undefined;

  function stored(): Tokens | undefined {
    return read(storage, TOKENS_KEY, Tokens);
  }

  function keep(response: oauth.TokenEndpointResponse, earlier?: Tokens): string {
    const claims = oauth.getValidatedIdTokenClaims(response);
    const email = typeof claims?.email === 'string' ? claims.email : undefined;
    const refresh = response.refresh_token ?? earlier?.refresh;
    const tokens: Tokens = {
      access: response.access_token,
      ...(refresh !== undefined && { refresh }),
      user: email ?? earlier?.user ?? claims?.sub ?? '',
      expiresAt: now() + (response.expires_in ?? 0) * 1000,
    };
    storage.setItem(TOKENS_KEY, JSON.stringify(tokens));
    return tokens.access;
  }

  async function refresh(tokens: Tokens): Promise<string | undefined> {
    const isCurrent = () => stored()?.access === tokens.access;
    if (tokens.refresh === undefined) {
      storage.removeItem(TOKENS_KEY);
      return undefined;
    }
    try {
      const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh, options);
      const refreshed = await oauth.processRefreshTokenResponse(server, client, response);
      // The user signed out meanwhile.
      return isCurrent() ? keep(refreshed, tokens) : undefined;
    } catch (error) {
      if (error instanceof oauth.ResponseBodyError) {
        // The provider no longer accepts the refresh token.
        if (isCurrent()) storage.removeItem(TOKENS_KEY);
        return undefined;
      }
      if (tokens.expiresAt > now()) return tokens.access;
      throw error;
    }
  }

  return {
    user: () => stored()?.user,

    async begin(returnTo) {
      const pending = {
        state: oauth.generateRandomState(),
        nonce: oauth.generateRandomNonce(),
        verifier: oauth.generateRandomCodeVerifier(),
        place: returnTo,
      };
      storage.setItem(PENDING_KEY, JSON.stringify(pending));
      const address = new URL(settings.authorizationEndpoint);
      address.search = `${new URLSearchParams({
        response_type: 'code',
        client_id: settings.clientId,
        redirect_uri: page,
        scope: settings.scope,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
      })}`;
      return address;
    },

    async complete(address) {
      const pending = read(storage, PENDING_KEY, Pending);
      storage.removeItem(PENDING_KEY);
      if (pending === undefined) throw new PageError(text.signIn.notBegun, text.signIn.again);
      try {
        keep(await exchange(address, pending));
      } catch (error) {
        throw new PageError(text.signIn.failed(reasonOf(error)), text.signIn.again);
      }
      return pending.place;
    },

    async accessToken() {
      const tokens = stored();
      if (tokens === undefined || tokens.expiresAt - now() > MARGIN_MS) return tokens?.access;
      refreshing ??= refresh(tokens).finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },

    async end() {
      const tokens = stored();
      storage.removeItem(TOKENS_KEY);
      if (tokens?.refresh === undefined) return;
      // Without a response the tokens expire by themselves.
      const signal = AbortSignal.timeout(REVOKE_MS);
      await oauth.revocationRequest(server, client, oauth.None(), tokens.refresh, { ...options, signal }).catch(() => {});
    },
  };
}

/** What the provider says if it refuses, and otherwise what is wrong with its response. */
function reasonOf(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
    return error.error_description ?? error.error;
  return messageOf(error);
}

/** A value of the storage; undefined if there is none, or not one of this version. */
function read<Schema extends z.ZodType>(
  storage: Surroundings['storage'],
  key: string,
  schema: Schema,
): z.infer<Schema> | undefined {
  const text = storage.getItem(key);
  if (text === null) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
