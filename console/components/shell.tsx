import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { version } from '../../lib/contracts/version.ts';
import { hasToken, isReachable, needsToken, setToken } from '../api.ts';
import { PageError } from '../page-error.ts';
import { linkTo, place } from '../router.ts';
import { text } from '../strings.ts';
import { TextField } from './basics.tsx';
import { Icon, type IconName } from './icon.tsx';
import { Problem } from './problem.tsx';

const PAGES: readonly { readonly name: 'datasets' | 'jobs' | 'models' | 'try'; readonly icon: IconName }[] = [
  { name: 'datasets', icon: 'datasets' },
  { name: 'jobs', icon: 'jobs' },
  { name: 'models', icon: 'models' },
  { name: 'try', icon: 'try' },
];

/** Pages that belong to an entry of the navigation. */
const SECTIONS: Readonly<Record<string, string>> = { uploads: 'datasets', train: 'jobs' };

/** Navigation, notices and the page. The page takes the focus when the address changes, so that screen readers read it. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const [first = 'datasets'] = place.value.parts;
  const section = SECTIONS[first] ?? first;
  const page = useRef<HTMLDivElement>(null);
  const path = place.value.parts.join('/');
  const earlier = useRef(path);
  useEffect(() => {
    if (earlier.current === path) return;
    earlier.current = path;
    page.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);

  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => page.current?.focus()}>
        {text.skip}
      </button>
      <header class="side">
        <a class="brand" href="#/">
          <Icon name="leaf" size={22} />
          {text.name}
        </a>
        <nav class="nav" aria-label={text.navigation}>
          {PAGES.map(({ name, icon }) => (
            <a key={name} href={linkTo([name])} aria-current={section === name ? 'page' : undefined}>
              <Icon name={icon} />
              {text.pages[name]}
            </a>
          ))}
        </nav>
        <div class="foot">
          <span class="version muted small">{version}</span>
          <ThemeSwitch />
        </div>
      </header>
      <main class="main">
        <div aria-live="polite">{!isReachable.value && <div class="notice">{text.unreachable}</div>}</div>
        <div class="page" ref={page} tabIndex={-1}>
          {needsToken.value ? <TokenForm /> : children}
        </div>
      </main>
    </div>
  );
}

const theme = signal(document.documentElement.dataset.theme ?? 'system');
const systemTheme = matchMedia('(prefers-color-scheme: dark)');
const isSystemDark = signal(systemTheme.matches);
systemTheme.addEventListener('change', () => {
  isSystemDark.value = systemTheme.matches;
});

function ThemeSwitch() {
  const isDark = theme.value === 'dark' || (theme.value === 'system' && isSystemDark.value);
  const next = isDark ? 'light' : 'dark';
  function change(): void {
    document.documentElement.dataset.theme = next;
    theme.value = next;
    try {
      localStorage.setItem('graft-theme', next);
    } catch {
      // Without storage the choice lasts until the page is reloaded.
    }
  }
  return (
    <button type="button" class="button quiet icon" aria-label={text.themes[next]} title={text.themes[next]} onClick={change}>
      <Icon name={isDark ? 'sun' : 'moon'} />
    </button>
  );
}

function TokenForm() {
  const [value, setValue] = useState('');
  const wasRefused = hasToken();
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
