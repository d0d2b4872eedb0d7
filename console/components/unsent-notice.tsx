import { useEffect, useState } from 'preact/hooks';
import { counted } from '../../lib/format.ts';
import { generation, needsToken } from '../api.ts';
import { dismissFailures, failuresElsewhere, flushAll, unsentElsewhere } from '../labelling/unsent.ts';
import { text } from '../strings.ts';
import { Problem } from './problem.tsx';

/** Sending usually ends before this. */
const PATIENCE_MS = 1_000;

/**
 * Says that a page that was left still has labels to send, and sends them once the server or its token is back. Also says
 * why labels of such a page were refused, or are not sent.
 */
export function UnsentNotice() {
  const [isLate, setLate] = useState(false);
  const count = unsentElsewhere.value;
  const isUnsent = count > 0;
  useEffect(flushAll, [generation.value]);
  useEffect(() => {
    const timer = setTimeout(() => setLate(isUnsent), isUnsent ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [isUnsent]);
  return (
    <>
      {isUnsent && isLate && (
        <div class="notice">
          {text.unsent(counted(count, text.unsentChange, text.unsentChanges))}
          <button type="button" class="button" onClick={flushAll}>
            {text.sendNow}
          </button>
        </div>
      )}
      {/* Without a token, the page asks for one, which is the fix. */}
      {!needsToken.value && <Failures failures={failuresElsewhere.value} />}
    </>
  );
}

function Failures({ failures }: { readonly failures: readonly unknown[] }) {
  if (failures.length === 0) return null;
  return (
    <div class="notice failed">
      <p>{text.failedElsewhere}</p>
      {failures.map((failure, index) => (
        <Problem key={index} error={failure} />
      ))}
      <button type="button" class="button" onClick={dismissFailures}>
        {text.dismiss}
      </button>
    </div>
  );
}
