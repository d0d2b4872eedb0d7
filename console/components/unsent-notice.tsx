import { useEffect, useState } from 'preact/hooks';
import { generation } from '../api.ts';
import { counted } from '../format.ts';
import { text } from '../strings.ts';
import { flushAll, unsentElsewhere } from '../unsent.ts';

/** Sending usually ends before this. */
const PATIENCE_MS = 1_000;

/** Says that a page that was left still has labels to send, and sends them once the server or its token is back. */
export function UnsentNotice() {
  const [isLate, setLate] = useState(false);
  const count = unsentElsewhere.value;
  const isUnsent = count > 0;
  useEffect(flushAll, [generation.value]);
  useEffect(() => {
    const timer = setTimeout(() => setLate(isUnsent), isUnsent ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [isUnsent]);
  if (!isUnsent || !isLate) return null;
  return (
    <div class="notice">
      {text.unsent(counted(count, text.unsentChange, text.unsentChanges))}
      <button type="button" class="button" onClick={flushAll}>
        {text.sendNow}
      </button>
    </div>
  );
}
