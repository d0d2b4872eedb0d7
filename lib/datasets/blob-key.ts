/** Where the bytes of a file lie: by their SHA-256, so that data sets share what they have in common. */
export function blobKey(sha256: string): string {
  return `blobs/${sha256.slice(0, 2)}/${sha256}`;
}

/** The SHA-256 that a key of a blob names; undefined for any other key. */
export function sha256OfBlob(key: string): string | undefined {
  return /^blobs\/[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(key)?.[1];
}
