import { tooMany } from '../api/admission.ts';

/** The bytes that several holders may have in memory together. */
export interface ByteBudget {
  /** @throws CapacityError TOO_MANY_REQUESTS where there is no room for so many at this moment */
  expectRoom(bytes: number): void;
  open(): Share;
}

/** What one holder has of a budget. */
export interface Share {
  /** @throws CapacityError TOO_MANY_REQUESTS */
  take(bytes: number): void;
  /** Gives all of it back. */
  release(): void;
}

export function byteBudget(most: number): ByteBudget {
  let taken = 0;
  const expectRoom = (bytes: number) => {
    if (taken + bytes > most) throw tooMany(most, 'bytes of request bodies');
  };
  return {
    expectRoom,
    open() {
      let own = 0;
      return {
        take(bytes) {
          expectRoom(bytes);
          taken += bytes;
          own += bytes;
        },
        release() {
          taken -= own;
          own = 0;
        },
      };
    },
  };
}
