import { useEffect, useState } from 'preact/hooks';
import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import { cancellable } from '../api.ts';

/** The whole image. One that stays in S3, or that this browser cannot decode, is its name. */
export function Picture({ image: { path, request } }: { readonly image: DatasetImage }) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let isCurrent = true;
    const left = new AbortController();
    if (request !== undefined)
      cancellable(left.signal)
        .fetchFile({ request })
        .then((bytes) => {
          if (!isCurrent) return;
          made = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
          setAddress(made);
        })
        .catch(() => {});
    return () => {
      isCurrent = false;
      left.abort();
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, []);
  return address === undefined ? <span class="mono small">{path}</span> : <img src={address} alt={path} title={path} />;
}
