import { z } from 'zod';

/**
 * The OpenID Connect provider of a site with the console, as its page needs it. The stack writes it, `graft deploy` puts
 * it into the page, and the page reads it.
 */
export const SignInSettings = z.object({
  /** The exact `iss` of its tokens. */
  issuer: z.url(),
  authorizationEndpoint: z.url(),
  tokenEndpoint: z.url(),
  revocationEndpoint: z.url(),
  /** Where the browser goes to end the provider's session; it comes back to the page. */
  signOut: z.url(),
  clientId: z.string(),
  /** Separated by spaces. */
  scope: z.string(),
});
export type SignInSettings = z.infer<typeof SignInSettings>;

/** The name of the element `meta` that contains the settings as JSON. */
export const SIGN_IN_META = 'graft-sign-in';
