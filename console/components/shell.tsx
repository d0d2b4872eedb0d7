import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary, useRef } from 'preact/hooks';
import { version } from '../../lib/contracts/version.ts';
import { signIn, signInFailure } from '../access.ts';
import { isReachable, needsToken } from '../api.ts';
import { linkTo, pageAddress } from '../router.ts';
import { browserStorage } from '../storage.ts';
import { text } from '../strings.ts';
import { useRefusedDrops } from '../upload/use-refused-drops.ts';
import { Icon, type IconName } from './icon.tsx';
import { Problem } from './problem.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { TokenForm } from './token-form.tsx';
import { UnsentNotice } from './unsent-notice.tsx';

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
  const [first = 'datasets'] = pageAddress.value.parts;
  const section = SECTIONS[first] ?? first;
  const page = useRef<HTMLDivElement>(null);
  const path = pageAddress.value.parts.join('/');
  // "Try" has its model in the path: who chooses another one stays in the list of models.
  const focused = first === 'try' ? first : path;
  const earlier = useRef(focused);
  // Before there is a token, a page would only send requests that are refused.
  const hadToken = useRef(false);
  if (!needsToken.value) hadToken.current = true;
  useRefusedDrops();
  useEffect(() => {
    if (earlier.current === focused) return;
    earlier.current = focused;
    page.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [focused]);

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
          <SignOut />
          <ThemeSwitch />
        </div>
      </header>
      <main class="main">
        <div aria-live="polite">
          {!isReachable.value && <div class="notice">{text.unreachable}</div>}
          <UnsentNotice />
        </div>
        {/* Hidden, the page keeps what was entered and labels that are not sent yet, until there is a token again. */}
        <div class="page" ref={page} tabIndex={-1} hidden={needsToken.value}>
          {hadToken.current && <Guarded path={path}>{children}</Guarded>}
        </div>
        {needsToken.value && (
          <div class="page">
            <AccessForm />
          </div>
        )}
      </main>
    </div>
  );
}

/** A page; an error in drawing it stands in its place until the address changes. */
function Guarded({ path, children }: { readonly path: string; readonly children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary();
  useEffect(reset, [path]);
  return (
    <>
      {error === undefined && children}
      {error !== undefined && <Problem error={error} />}
    </>
  );
}

/** What the page shows until the server accepts its requests. */
function AccessForm() {
  const hasSignIn = signIn.value !== undefined || signInFailure.value !== undefined;
  return hasSignIn ? <SignInForm /> : <TokenForm />;
}

function SignOut() {
  const user = signIn.value?.user();
  if (user === undefined) return null;
  return (
    <button
      type="button"
      class="button quiet icon"
      aria-label={text.signIn.out}
      title={text.signIn.outOf(user)}
      onClick={() => void signIn.value?.end()}
    >
      <Icon name="signOut" />
    </button>
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
    browserStorage.set('graft-theme', next);
  }
  return (
    <button type="button" class="button quiet icon" aria-label={text.themes[next]} title={text.themes[next]} onClick={change}>
      <Icon name={isDark ? 'sun' : 'moon'} />
    </button>
  );
}
