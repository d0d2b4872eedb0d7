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

/** Of these, predictions: each holds its images and a turn at the model. */
export const PREDICTIONS_IN_FLIGHT = 16;
