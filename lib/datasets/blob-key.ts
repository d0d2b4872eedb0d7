/** Where the bytes of a file lie: by their SHA-256, so that data sets share what they have in common. */
export function blobKey(sha256: string): string {
  return `blobs/${sha256.slice(0, 2)}/${sha256}`;
}
