import type { RandomStream } from '../../../lib/random.ts';
import type { HttpAddress } from './raw-request.ts';

/** What hostile inputs are sent to. */
export interface Target extends HttpAddress {
  /** A data set and a model that are there. */
  readonly dataset: string;
  readonly model: string;
  /**
   * Lists what a user would upload by `graft upload PATH`, as that command does, and sends it.
   * @returns the statuses of the requests that it took
   */
  upload(file: SourceFile): Promise<number[]>;
}

/** A file that a user might upload: an archive or a manifest. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Whole requests; connections that take seconds by design; files that go through the command. */
export type Lane = 'requests' | 'senders' | 'uploads';

/** One input of an attacker. The same seed gives the same inputs. */
export interface HostileInput {
  /** What is wrong with it, for the report. */
  readonly what: string;
  /** Inputs of one lane wait for one another, and hold up no other lane. */
  readonly lane: Lane;
  /** @returns the status of each answer; 0 where the connection ended without one */
  send(target: Target): Promise<number[]>;
}

/** Draws one input after the other. */
export type Attack = (random: RandomStream) => HostileInput;

export function pick<T>(random: RandomStream, choices: readonly [T, ...T[]]): T {
  return choices[random.integer(choices.length)] ?? choices[0];
}

/** Random bytes. */
export function noise(random: RandomStream, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.integer(256)));
}
