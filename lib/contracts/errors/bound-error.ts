import { firstThatFit, responseBytes } from '../fit-response.ts';

/** The members of an error's JSON that can be long. */
interface ToldError {
  message: string;
  at?: string | undefined;
  expected?: string | undefined;
  received?: unknown;
  omitted?: number | undefined;
  fix?: string | undefined;
}

/**
 * Limits: characters per text, elements per list, and bytes per list. Errors are stored in records and sent in
 * responses, so they must stay small.
 */
const LONGEST_TEXT = 4_000;
const MOST_ELEMENTS = 1_000;
const RECEIVED_BYTES = 500_000;

/** Limits the size of an error's JSON: cuts long texts, and keeps only the first part of a long `received`. */
export function boundError<Told extends ToldError>(told: Told): Told {
  const { received, omitted = 0 } = told;
  const bounded = { ...told };
  for (const name of ['message', 'at', 'expected', 'fix'] as const) {
    const text = told[name];
    if (text !== undefined) bounded[name] = clip(text);
  }
  if (typeof received === 'string') bounded.received = clip(received);
  else if (Array.isArray(received)) {
    const kept = firstThatFit(received, { bytes: RECEIVED_BYTES, most: MOST_ELEMENTS });
    bounded.received = kept;
    if (kept.length < received.length) bounded.omitted = omitted + received.length - kept.length;
  } else if (responseBytes(received) > RECEIVED_BYTES) bounded.received = clip(JSON.stringify(received));
  return bounded;
}

function clip(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
}
