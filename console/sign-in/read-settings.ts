import { SIGN_IN_META, SignInSettings } from '../../lib/contracts/sign-in-settings.ts';

/** The provider of a site with sign-in, from the page itself; undefined where the page has none. */
export function readSignInSettings(): SignInSettings | undefined {
  const content = document.querySelector<HTMLMetaElement>(`meta[name="${SIGN_IN_META}"]`)?.content;
  return content === undefined ? undefined : SignInSettings.parse(JSON.parse(content));
}
