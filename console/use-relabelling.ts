import { useEffect, useRef, useState } from 'preact/hooks';
import { client } from './api.ts';
import { openRelabelling, type Relabelling } from './relabelling.ts';

/** Changes of labels of a data set. @param onSent called after labels were changed on the server */
export function useRelabelling(name: string, onSent: () => void): Relabelling {
  const [, redraw] = useState({});
  const sent = useRef(onSent);
  sent.current = onSent;
  const opened = useRef<Relabelling | undefined>(undefined);
  opened.current ??= openRelabelling(
    async (labels) => {
      await client.datasets.setLabels(name, { labels });
      sent.current();
    },
    () => redraw({}),
  );
  const relabelling = opened.current;
  // What failed to be sent is tried once more before the page goes.
  useEffect(() => () => void (relabelling.failure !== undefined && relabelling.flush()), []);
  return relabelling;
}
