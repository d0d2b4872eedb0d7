import type { Output } from '../../cli/output.ts';

/** An output that tells nobody anything. */
export const silent: Output = {
  result() {},
  print() {},
  heading() {},
  script() {},
  progress() {},
  note() {},
  detail() {},
  endProgress() {},
};
