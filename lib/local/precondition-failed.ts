import { ConflictError } from '../errors.ts';
import type { ObjectHead, PutCondition } from '../ports.ts';

/** What a write gets whose condition does not hold. @param present what is there instead */
export function preconditionFailed(key: string, present: ObjectHead | undefined, condition?: PutCondition): ConflictError {
  const isReplacing = condition !== undefined && 'ifMatch' in condition;
  return new ConflictError('PRECONDITION_FAILED', {
    at: key,
    expected: isReplacing ? `the version ${condition.ifMatch}` : 'no object',
    received: present?.etag ?? 'no object',
    fix: 'read the object again, then retry',
  });
}
