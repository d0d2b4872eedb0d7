/** How a site with sign-in authorizes the requests of its page. */
import { computed, signal } from '@preact/signals';

export interface SignIn {
  /** Who signed in. */
  user(): string | undefined;
  /** Undefined if the user has to sign in. */
  accessToken(): Promise<string | undefined>;
  /** Leaves this page for that of the provider. */
  begin(): Promise<void>;
  /** Signs out, and leaves this page. */
  end(): Promise<void>;
}

/** Undefined where the page has no sign-in: with `graft dev` and `graft console`. */
export const signIn = signal<SignIn | undefined>(undefined);
/** Why the last sign-in did not succeed. */
export const signInFailure = signal<unknown>(undefined);
/** Whether the server has the features of all images, which suggestions and Find need. A site in AWS does not. */
export const hasFeatures = computed(() => signIn.value === undefined);
