import { GraftError } from '../../lib/errors.ts';
import { text } from '../strings.ts';
import { Icon } from './icon.tsx';

/** An error's sentence, its fix and its code. */
export function Problem({ error }: { readonly error: unknown }) {
  const { message, code, fix } = partsOf(error);
  return (
    <div class="problem" role="alert">
      <Icon name="alert" />
      <div>
        <p>{message}</p>
        {fix !== undefined && (
          <p class="fix">
            {text.fix} {fix}
          </p>
        )}
        {code !== undefined && <p class="fix mono small">{code}</p>}
      </div>
    </div>
  );
}

interface Parts {
  readonly message: string;
  readonly code?: string | undefined;
  readonly fix?: string | undefined;
}

/** A GraftError's message ends in its fix, which is shown apart. */
function partsOf(error: unknown): Parts {
  if (typeof error === 'object' && error !== null && 'message' in error) {
    const { code, fix } =
      error instanceof GraftError
        ? error
        : { code: textOf('code' in error && error.code), fix: textOf('fix' in error && error.fix) };
    const end = fix === undefined ? -1 : `${error.message}`.lastIndexOf(`Fix: ${fix}`);
    const message = end < 0 ? `${error.message}` : `${error.message}`.slice(0, end).trimEnd();
    return { message, code, fix };
  }
  return { message: String(error) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
