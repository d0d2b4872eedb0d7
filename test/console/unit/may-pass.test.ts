import { expect, it } from 'vitest';
import { mayPass } from '../../../console/may-pass.ts';
import { CapacityError, ConflictError, RuntimeError } from '../../../lib/errors.ts';

it.each([
  ['a server that has too much to do', new CapacityError('ANSWER_TIMEOUT', {}), true],
  ['too many requests', new CapacityError('TOO_MANY_REQUESTS', {}), true],
  ['a lost connection', new RuntimeError('API_UNREACHABLE', { retryable: true }), true],
  ['a full disk', new CapacityError('STORE_FULL', {}), false],
  ['a conflict', new ConflictError('DATASET_VERSION_CHANGED', {}), false],
  ['an error of the page', new Error('no'), false],
])('%s', (_, error, expected) => expect(mayPass(error)).toBe(expected));
