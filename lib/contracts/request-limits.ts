/** Limits of requests for contracts and clients. Without schemas, so that the console need not load them. */

/** The most files that a request adds to an upload. */
export const MOST_FILES_A_PART = 1000;

/** The most images of a request that sets or reads labels. */
export const MOST_LABELS_AT_ONCE = 1000;

/** The most unsent files that the completion of an upload names. */
export const MOST_UNSENT = 500;
