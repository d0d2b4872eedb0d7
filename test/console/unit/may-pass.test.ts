import { expect, it } from 'vitest';
import { isRefusal, mayBeDone, mayPass } from '../../../console/may-pass.ts';
import { CapacityError, ConflictError, ForbiddenError, NotFoundError, RuntimeError } from '../../../lib/errors.ts';

it.each([
  ['a server that has too much to do', new CapacityError('ANSWER_TIMEOUT', {}), true],
  ['too many requests', new CapacityError('TOO_MANY_REQUESTS', {}), true],
  ['a lost connection', new RuntimeError('API_UNREACHABLE', { retryable: true }), true],
  ['a full disk', new CapacityError('STORE_FULL', {}), false],
  ['others who write, too', new ConflictError('DATASET_VERSION_CHANGED', {}), true],
  ['a conflict', new ConflictError('LABELS_CHANGE_TASK', {}), false],
  ['an error of the page', new Error('no'), false],
])('%s', (_, error, expected) => expect(mayPass(error)).toBe(expected));

it.each([
  ['an image that is gone', new NotFoundError('LABEL_IMAGE_NOT_FOUND', {}), true],
  ['a conflict', new ConflictError('LABELS_CHANGE_TASK', {}), true],
  ['others who write, too', new ConflictError('DATASET_VERSION_CHANGED', {}), false],
  ['a token that is not valid', new ForbiddenError('API_TOKEN_INVALID', {}), false],
  ['a server that has too much to do', new CapacityError('TOO_MANY_REQUESTS', {}), false],
  ['an error of the page', new Error('no'), false],
])('%s: whether the server refused the request', (_, error, expected) => expect(isRefusal(error)).toBe(expected));

it.each([
  ['a lost connection', new RuntimeError('API_UNREACHABLE', { retryable: true }), true],
  ['a server that has too much to do', new CapacityError('ANSWER_TIMEOUT', {}), true],
  ['the same request, which is in progress', new ConflictError('IDEMPOTENCY_IN_PROGRESS', {}), true],
  ['an error of the page', new Error('no'), true],
  ['too many requests', new CapacityError('TOO_MANY_REQUESTS', {}), false],
  ['others who write, too', new ConflictError('DATASET_VERSION_CHANGED', {}), false],
  ['a token that is not valid', new ForbiddenError('API_TOKEN_INVALID', {}), false],
])('%s: whether the server may have done what was asked', (_, error, expected) => expect(mayBeDone(error)).toBe(expected));
