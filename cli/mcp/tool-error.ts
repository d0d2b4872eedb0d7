import { type ErrorJson, errorJson } from '../../lib/errors.ts';

/** Elements of a list, such as refused files. */
const MOST_RECEIVED = 20;
/** Characters of any other value. */
const LONGEST_RECEIVED = 2_000;

/** Describes any thrown value as the command does with --json, but short: an agent reads all of it. */
export function toolError(error: unknown): ErrorJson {
  const { received, omitted = 0, ...told } = errorJson(error);
  if (received === undefined) return told;
  if (Array.isArray(received) && received.length > MOST_RECEIVED)
    return { ...told, received: received.slice(0, MOST_RECEIVED), omitted: omitted + received.length - MOST_RECEIVED };
  const isLong = !Array.isArray(received) && JSON.stringify(received).length > LONGEST_RECEIVED;
  return { ...told, ...(!isLong && { received }), ...(omitted > 0 && { omitted }) };
}
