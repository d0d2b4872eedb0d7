/** Larger files are refused unread, so that a film among the photographs fills no memory. */
export const MAX_IMAGE_BYTES = 64 * 2 ** 20;
