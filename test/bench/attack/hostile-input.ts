import type { RandomStream } from '../../../lib/random.ts';
import type { HttpAddress } from './raw-request.ts';

/** The target of hostile inputs. */
export interface Target extends HttpAddress {
  /** An existing data set and an existing model. */
  readonly dataset: string;
  readonly model: string;
  /**
   * Lists and uploads a file as `graft upload PATH` does.
   * @returns the statuses of its requests
   */
  upload(file: SourceFile): Promise<number[]>;
}

/** A file that a user might upload: an archive or a manifest. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Complete requests; connections that take seconds by design; files that go through the command. */
export type Lane = 'requests' | 'senders' | 'uploads';

/** One hostile input. The same seed gives the same inputs. */
export interface HostileInput {
  /** Description of the fault, for the report. */
  readonly what: string;
  /** Inputs of one lane wait for each other, and do not delay other lanes. */
  readonly lane: Lane;
  /**
   * Sends the input.
   * @returns the status of each response; 0 if the connection ended without one
   */
  send(target: Target): Promise<number[]>;
}

/** Draws the next input. */
export type Attack = (random: RandomStream) => HostileInput;

/** Picks one of the choices at random. */
export function pick<T>(random: RandomStream, choices: readonly [T, ...T[]]): T {
  return choices[random.integer(choices.length)] ?? choices[0];
}

/** Returns random bytes. */
export function noise(random: RandomStream, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.integer(256)));
}
