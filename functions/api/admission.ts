import { CapacityError } from '../../lib/errors.ts';
import { PREDICTIONS_IN_FLIGHT, REQUESTS_IN_FLIGHT } from './limits.ts';

/** How many requests one server has in hand, so that a burst is slowed down and nothing is lost or times out. */
export interface Admission {
  /** Runs a request. @throws CapacityError TOO_MANY_REQUESTS where there are too many */
  run<T>(isPrediction: boolean, act: () => Promise<T>): Promise<T>;
}

export function openAdmission(most = { requests: REQUESTS_IN_FLIGHT, predictions: PREDICTIONS_IN_FLIGHT }): Admission {
  let requests = 0;
  let predictions = 0;
  return {
    async run(isPrediction, act) {
      if (requests >= most.requests) throw tooMany(most.requests, 'requests');
      if (isPrediction && predictions >= most.predictions) throw tooMany(most.predictions, 'predictions');
      requests++;
      if (isPrediction) predictions++;
      try {
        return await act();
      } finally {
        requests--;
        if (isPrediction) predictions--;
      }
    },
  };
}

function tooMany(most: number, what: string): CapacityError {
  return new CapacityError('TOO_MANY_REQUESTS', {
    expected: `at most ${most} ${what} at once`,
    received: 'one more',
    fix: 'send it again after as many seconds as Retry-After says',
    retryable: true,
  });
}
