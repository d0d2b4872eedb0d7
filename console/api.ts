import './without-eval.ts';
import { signal } from '@preact/signals';
import { isBelow } from '../lib/client/api-address.ts';
import { type Client, createClient } from '../lib/client/client.ts';
import { httpTransport } from '../lib/client/transport.ts';
import { GraftError } from '../lib/errors.ts';
import { signIn } from './access.ts';
import { pageFolder } from './page-folder.ts';
import { tabStorage } from './storage.ts';

const TOKEN_KEY = 'graft-token';

/** Whether the last request to the API reached it. */
export const isReachable = signal(true);
/** Whether the page lacks a token that the server accepts: the user has to enter it, or to sign in. */
export const needsToken = signal(false);
/** Grows when all data should be loaded again: after a lost connection, or with a new token. */
export const generation = signal(0);

takeToken();
// Before the router, which has a listener, too, reads the address.
window.addEventListener('hashchange', takeToken);

/** The address of the API, which serves this page. */
export const apiAddress = pageFolder(globalThis.location.href);

const transport = httpTransport(apiAddress, { fetcher: observedFetch, retry: { attempts: 4, patienceMs: 20_000 } });

export const client: Client = createClient(transport);

/** A client whose requests are cancelled by a signal, such as that of a component that is gone. */
export function cancellable(signal: AbortSignal): Client {
  return createClient((request) => transport({ ...request, signal }));
}

/** Takes the token of the address that `graft console` prints: it leaves the address bar and the history at once. */
function takeToken(): void {
  const [, token] = /[?&]token=([\w.~+/-]+=*)/.exec(window.location.hash) ?? [];
  if (token === undefined) return;
  window.history.replaceState(null, '', `${window.location.pathname}#/`);
  setToken(token);
}

/** Keeps the token until the tab is closed. */
export function setToken(token: string): void {
  tabStorage.set(TOKEN_KEY, token.trim());
  needsToken.value = false;
  generation.value++;
}

/** Whether requests carry a token, which the address of a page cannot. */
export function hasToken(): boolean {
  return signIn.value !== undefined || tabStorage.get(TOKEN_KEY) !== null;
}

async function observedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const requested = new Request(input, init);
  const isToApi = isBelow(apiAddress, requested.url);
  // A redirect may lead to another service of this host, which must not get the token.
  const request = isToApi ? new Request(requested, { redirect: 'manual' }) : requested;
  try {
    if (isToApi) await authorize(request);
    // Labels are sent when their page is left; a browser ends other requests then. `sendLabels` keeps their bodies small.
    const keepalive = request.method === 'POST' && request.url.endsWith('/labels');
    const response = await fetch(request, { cache: 'no-store', credentials: 'omit', keepalive });
    if (isToApi) {
      reached();
      if (response.status === 401) needsToken.value = true;
    }
    return response;
  } catch (error) {
    if (!request.signal.aborted) {
      if (isToApi) isReachable.value = false;
      // Files are in a store, which may be out of reach while the API responds: a blocker, or buckets without CORS rules.
      else void checkConnection();
    }
    throw error;
  }
}

/** @throws TypeError if the token expired, and the provider of the sign-in cannot be reached */
async function authorize(request: Request): Promise<void> {
  const token = signIn.value === undefined ? tabStorage.get(TOKEN_KEY) : await signIn.value.accessToken();
  if (token) request.headers.set('authorization', `Bearer ${token}`);
}

/** Whether a request failed because the server could not be reached. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof GraftError && error.code === 'API_UNREACHABLE';
}

const HEALTH_MS = 2_000;

// While the server does not answer, one small request every two seconds finds out when it does.
setInterval(() => {
  if (!isReachable.value) void askHealth().then(reached, () => {});
}, HEALTH_MS);

let checkedAt = Number.NEGATIVE_INFINITY;

/** Finds out whether the API responds: a page that loads only files would not notice that the connection is lost. */
async function checkConnection(): Promise<void> {
  if (!isReachable.value || Date.now() - checkedAt < HEALTH_MS) return;
  checkedAt = Date.now();
  await askHealth().catch(() => {
    isReachable.value = false;
  });
}

function askHealth(): Promise<Response> {
  return fetch(`${apiAddress}/v1/health`, { cache: 'no-store' });
}

function reached(): void {
  if (isReachable.value) return;
  isReachable.value = true;
  generation.value++;
}
