import { isAwsError } from './aws-errors.ts';

/** Whether a call failed because the receipt of its message has expired, or its message is gone. */
export function isReceiptExpired(error: unknown): boolean {
  return isAwsError(error, 'ReceiptHandleIsInvalid', 'MessageNotInflight', 'InvalidParameterValue');
}
