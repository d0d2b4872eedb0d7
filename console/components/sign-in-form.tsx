import { signIn, signInFailure } from '../access.ts';
import { text } from '../strings.ts';
import { Problem } from './problem.tsx';

/** Asks the user to sign in. If the code of the sign-in was not loaded, the page has to be loaded again. */
export function SignInForm() {
  const begin = () => signIn.value?.begin().catch(showFailure);
  return (
    <div class="panel">
      <div class="body">
        <h1>{text.signIn.title}</h1>
        <p class="muted">{text.signIn.about}</p>
        {signInFailure.value !== undefined && <Problem error={signInFailure.value} />}
        <div class="row">
          {signIn.value === undefined ? (
            <button type="button" class="button primary" onClick={() => location.reload()}>
              {text.signIn.reload}
            </button>
          ) : (
            <button type="button" class="button primary" onClick={begin}>
              {text.signIn.button}
            </button>
          )}
        </div>
      </div>
    </div>
  );
}

function showFailure(error: unknown): void {
  signInFailure.value = error;
}
