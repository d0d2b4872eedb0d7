import { useEffect } from 'preact/hooks';
import { generation } from '../api.ts';
import { addQueue, flushAll, hasUnsent, type UnsentQueue } from './unsent.ts';

/** Sends labels that are not sent yet before they are lost with the page, and once the server or its token is back. */
export function useFlush(queue: UnsentQueue): void {
  const flush = () => void (queue.pending > 0 && queue.flush());
  useEffect(flush, [queue, generation.value]);
  useEffect(() => {
    const leave = addQueue(queue);
    return () => {
      flush();
      leave();
    };
  }, [queue]);
}

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') flushAll();
});
window.addEventListener('pagehide', flushAll);

// Behind a request that is under way, or without a server, nothing is sent any more when the tab is gone. So the browser
// asks first, and the labels are sent meanwhile.
window.addEventListener('beforeunload', (event) => {
  if (!hasUnsent()) return;
  flushAll();
  event.preventDefault();
});
