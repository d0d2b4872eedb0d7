import { useEffect } from 'preact/hooks';
import { generation } from './api.ts';

/** Sends labels that are not sent yet before they are lost with the page, and once the server or its token is back. */
export function useFlush(queue: { readonly pending: number; flush(): Promise<boolean> }): void {
  const flush = () => void (queue.pending > 0 && queue.flush());
  useEffect(flush, [queue, generation.value]);
  useEffect(() => {
    const flushHidden = () => void (document.visibilityState === 'hidden' && flush());
    window.addEventListener('pagehide', flush);
    document.addEventListener('visibilitychange', flushHidden);
    return () => {
      window.removeEventListener('pagehide', flush);
      document.removeEventListener('visibilitychange', flushHidden);
      flush();
    };
  }, [queue]);
}
