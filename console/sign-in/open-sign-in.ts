import type { SignInSettings } from '../../lib/contracts/sign-in-settings.ts';
import { type SignIn, signInFailure } from '../access.ts';
import { replaceAddress } from '../router.ts';
import { openSession } from './session.ts';

/**
 * The sign-in of this page. Completes one that the provider just responded to, and returns to the address where it
 * began.
 */
export async function openSignIn(settings: SignInSettings): Promise<SignIn> {
  const { location } = window;
  const page = `${location.origin}${location.pathname}`;
  const session = openSession(settings, page, {
    storage: sessionStorage,
    fetcher: (input, init) => fetch(input, { ...init, cache: 'no-store', credentials: 'omit' }),
    now: Date.now,
  });
  const address = new URL(location.href);
  if (address.searchParams.has('state')) {
    // The code leaves the address bar and the history at once, also if it is refused.
    window.history.replaceState(null, '', location.pathname);
    try {
      replaceAddress(await session.complete(address));
    } catch (error) {
      signInFailure.value = error;
    }
  }
  return {
    user: session.user,
    accessToken: session.accessToken,
    begin: async () => location.assign(await session.begin(location.hash)),
    async end() {
      await session.end();
      location.assign(settings.signOut);
    },
  };
}
