import { tooMany } from '../api/admission.ts';

/** A limit of bytes in memory that several holders share. */
export interface ByteBudget {
  /** @throws CapacityError TOO_MANY_REQUESTS if so many bytes do not fit at this moment */
  expectRoom(bytes: number): void;
  open(): Share;
}

/** The share of one holder. */
export interface Share {
  /** @throws CapacityError TOO_MANY_REQUESTS */
  take(bytes: number): void;
  /** Releases the whole share. */
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
