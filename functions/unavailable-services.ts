import { RuntimeError } from '../lib/errors.ts';
import type { Predictor } from '../lib/inference/predictor.ts';
import type { Compute } from '../lib/ports.ts';

/** For a function that holds no models: its routes ask for none. */
export const noPredictor: Predictor = { predict: refuse, close: async () => {} };

/** For a function that starts no jobs. */
export const noCompute: Compute = { start: refuse, stop: refuse, state: refuse };

async function refuse(): Promise<never> {
  throw new RuntimeError('ROUTE_MISPLACED', {
    expected: 'a route that this function serves',
    fix: 'let functions/api serve the route, or functions/predict if it runs a model',
  });
}
