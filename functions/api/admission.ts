import { CapacityError } from '../../lib/errors.ts';
import { BODIES_IN_FLIGHT, PREDICTIONS_IN_FLIGHT, REQUESTS_IN_FLIGHT, UPLOADS_IN_FLIGHT } from './limits.ts';

/** The kind of a request. It takes a slot of its kind, and one of each wider kind. */
export type RequestKind = 'plain' | 'body' | 'prediction' | 'upload';

/**
 * Limits the concurrent requests of one server, so that a burst is slowed down, and no request is lost or times out.
 */
export interface Admission {
  /** Runs a request. @throws CapacityError TOO_MANY_REQUESTS if there are too many */
  run<T>(kind: RequestKind, act: () => Promise<T>): Promise<T>;
}

const LIMITS = {
  requests: REQUESTS_IN_FLIGHT,
  bodies: BODIES_IN_FLIGHT,
  predictions: PREDICTIONS_IN_FLIGHT,
  uploads: UPLOADS_IN_FLIGHT,
};
type SlotKind = keyof typeof LIMITS;

const SLOTS_OF: Readonly<Record<RequestKind, readonly SlotKind[]>> = {
  plain: ['requests'],
  body: ['requests', 'bodies'],
  prediction: ['requests', 'bodies', 'predictions'],
  upload: ['requests', 'bodies', 'uploads'],
};

export function openAdmission(limits: Readonly<Record<SlotKind, number>> = LIMITS): Admission {
  const taken: Record<SlotKind, number> = { requests: 0, bodies: 0, predictions: 0, uploads: 0 };
  return {
    async run(kind, act) {
      const slots = SLOTS_OF[kind];
      for (const slot of slots) if (taken[slot] >= limits[slot]) throw tooMany(limits[slot], NAMES[slot]);
      for (const slot of slots) taken[slot]++;
      try {
        return await act();
      } finally {
        for (const slot of slots) taken[slot]--;
      }
    },
  };
}

const NAMES: Readonly<Record<SlotKind, string>> = {
  requests: 'requests',
  bodies: 'requests with a body',
  predictions: 'predictions',
  uploads: 'uploads',
};

/** @param most limit of concurrent `what` */
export function tooMany(most: number, what: string): CapacityError {
  return new CapacityError('TOO_MANY_REQUESTS', {
    expected: `at most ${most} ${what} at once`,
    received: 'more',
    fix: 'send it again after the seconds of Retry-After',
    retryable: true,
  });
}
