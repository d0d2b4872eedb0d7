import { useEffect, useState } from 'preact/hooks';
import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import { cancellable, generation } from '../api.ts';

/** The whole image. One that stays in S3, or that this browser cannot decode, is its name. */
export function Picture({ image: { path, request } }: { readonly image: DatasetImage }) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (request === undefined || address !== undefined) return;
    const left = new AbortController();
    cancellable(left.signal)
      .fetchFile({ request })
      .then((bytes) => !left.signal.aborted && setAddress(URL.createObjectURL(new Blob([new Uint8Array(bytes)]))))
      .catch(() => {});
    return () => left.abort();
  }, [generation.value]);
  useEffect(
    () => () => {
      if (address !== undefined) URL.revokeObjectURL(address);
    },
    [address],
  );
  return address === undefined ? <span class="mono small">{path}</span> : <img src={address} alt={path} title={path} />;
}
