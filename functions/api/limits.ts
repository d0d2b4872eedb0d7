/** The limit of a Lambda function; larger files use signed requests. */
export const BODY_BYTES = 6 * 2 ** 20;

/** Bytes of all images of one prediction, however they are given; of base64, before it. */
export const IMAGE_BYTES = 4 * 2 ** 20;

/** Of a job spec, because responses include its record with every default written out. */
export const SPEC_BYTES = 2 ** 19;

/** Bytes of all labels in the response of one prediction. */
export const LABEL_BYTES = 4_000_000;

/** The same beside the pictures of explanations, which take up to 4.7 MB in all. */
export const LABEL_BYTES_BESIDE_PICTURES = 1_000_000;

/** Concurrent requests of one server; further ones get 429. */
export const REQUESTS_IN_FLIGHT = 128;

/**
 * Of these, requests with a body, which take as long as their senders; the rest stays free for requests without one.
 */
export const BODIES_IN_FLIGHT = 96;

/** Of these, predictions, which hold their images in memory and run the model. */
export const PREDICTIONS_IN_FLIGHT = 16;

/** Of these, signed uploads, which use the disk and hardly any memory. */
export const UPLOADS_IN_FLIGHT = 32;

/** Bytes of all bodies that one server holds in memory. */
export const BODY_BYTES_IN_FLIGHT = 64 * 2 ** 20;

/** The longest time of a request, from its headers to its response; signed uploads may take longer. */
export const REQUEST_SECONDS = 29;
