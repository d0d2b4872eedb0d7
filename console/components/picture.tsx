import { useEffect, useState } from 'preact/hooks';
import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import { client } from '../api.ts';

/** The whole image. One that stays in S3, or that this browser cannot decode, is its name. */
export function Picture({ image: { path, request } }: { readonly image: DatasetImage }) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let isCurrent = true;
    if (request !== undefined)
      client
        .fetchFile({ request })
        .then((bytes) => {
          if (!isCurrent) return;
          made = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
          setAddress(made);
        })
        .catch(() => {});
    return () => {
      isCurrent = false;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, []);
  return address === undefined ? <span class="mono small">{path}</span> : <img src={address} alt={path} title={path} />;
}
