import { useEffect, useState } from 'preact/hooks';
import { hasToken, setToken } from '../api.ts';
import { PageError } from '../page-error.ts';
import { text } from '../strings.ts';
import { TextField } from './basics.tsx';
import { Problem } from './problem.tsx';

/** Asks for the token of `graft dev` or `graft console`. */
export function TokenForm() {
  const [value, setValue] = useState('');
  const wasRefused = hasToken();
  useEffect(() => document.getElementById('token')?.focus(), []);
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        setToken(value);
      }}
    >
      <div class="body">
        <h1>{text.token.title}</h1>
        <p class="muted">{text.token.about}</p>
        {wasRefused && <Problem error={new PageError(text.token.wrong)} />}
        <TextField
          id="token"
          attributes={{ class: 'input mono', type: 'password', autocomplete: 'off' }}
          label={text.token.label}
          value={value}
          onInput={setValue}
        />
        <div class="row">
          <button type="submit" class="button primary" disabled={value.trim() === ''}>
            {text.token.button}
          </button>
        </div>
      </div>
    </form>
  );
}
