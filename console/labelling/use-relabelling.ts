import { useMemo, useRef, useState } from 'preact/hooks';
import { client } from '../api.ts';
import { labelServer } from './label-server.ts';
import { openRelabelling, type Relabelling } from './relabelling.ts';
import { updateUnsent } from './unsent.ts';
import { useFlush } from './use-flush.ts';

/** Changes of labels of a data set. @param onSent called after labels were changed on the server, or refused by it */
export function useRelabelling(name: string, onSent: () => void): Relabelling {
  const [, redraw] = useState({});
  const sent = useRef(onSent);
  sent.current = onSent;
  const relabelling = useMemo(() => {
    const onChange = () => {
      updateUnsent();
      redraw({});
    };
    return openRelabelling(labelServer(client, name), { onChange, onSent: () => sent.current() });
  }, [name]);
  useFlush(relabelling);
  return relabelling;
}
