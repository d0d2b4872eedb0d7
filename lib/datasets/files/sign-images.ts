import type { DatasetImage } from '../../contracts/dataset-http.ts';
import type { World } from '../../ports.ts';
import { blobKey } from './blob-key.ts';

const LINK_SECONDS = 3_600;

/** Signs download requests for images, all valid until the same time. */
export interface ImageSigner {
  readonly expiresAt: string;
  sign<Image extends DatasetImage>(image: Image): Promise<Image>;
}

/** @param isExternal whether the images are in a user's bucket, for which Graft signs nothing */
export function openImageSigner(isExternal: boolean, { store, clock }: Pick<World, 'store' | 'clock'>): ImageSigner {
  return {
    expiresAt: new Date(clock.now().getTime() + LINK_SECONDS * 1000).toISOString(),
    async sign(image) {
      if (isExternal) return image;
      const { url, headers } = await store.signDownload(blobKey(image.sha256), { expiresInSeconds: LINK_SECONDS });
      return { ...image, request: { method: 'GET', url, headers: { ...headers } } };
    },
  };
}
