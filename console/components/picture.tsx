import { useEffect, useState } from 'preact/hooks';
import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import { cancellable, generation } from '../api.ts';

/** The whole image. One that stays in S3, or that this browser cannot decode, is its name. */
export function Picture({ image: { path, request } }: { readonly image: DatasetImage }) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (request === undefined || address !== undefined) return;
    const controller = new AbortController();
    cancellable(controller.signal)
      .fetchFile({ request })
      .then((bytes) => !controller.signal.aborted && setAddress(URL.createObjectURL(new Blob([new Uint8Array(bytes)]))))
      .catch(() => {});
    return () => controller.abort();
  }, [generation.value]);
  useEffect(
    () => () => {
      if (address !== undefined) URL.revokeObjectURL(address);
    },
    [address],
  );
  return address === undefined ? <span class="mono small">{path}</span> : <img src={address} alt={path} title={path} />;
}
