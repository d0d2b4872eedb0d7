/** As much as a Lambda function takes: whatever is larger travels by a signed request of its own. */
export const BODY_BYTES = 6 * 2 ** 20;

/** Bytes of all images of one prediction, before they were written as base64. */
export const IMAGE_BYTES = 4 * 2 ** 20;

/** Of a job spec: its record, with every default written out, is a part of answers. */
export const SPEC_BYTES = 2 ** 19;

/** Bytes of all labels that one prediction tells. */
export const LABEL_BYTES = 4_000_000;

/** Requests that one server has in hand; who comes then is asked to come again. */
export const REQUESTS_IN_FLIGHT = 128;

/** Of these, requests with a body, which take as long as their senders: the rest stays free for those without one. */
export const BODIES_IN_FLIGHT = 96;

/** Of these, predictions: each holds its images and a turn at the model. */
export const PREDICTIONS_IN_FLIGHT = 16;

/** Of these, signed uploads: each holds a draft on the disk and next to no memory. */
export const UPLOADS_IN_FLIGHT = 32;

/** Bytes of all bodies that one server holds in memory. */
export const BODY_BYTES_IN_FLIGHT = 64 * 2 ** 20;

/** No request of the API lasts longer, from its headers to its answer; signed uploads may. */
export const REQUEST_SECONDS = 29;
