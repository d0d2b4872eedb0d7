import type { JobState } from '../../lib/contracts/job.ts';
import { text } from '../strings.ts';

const LOOKS: Readonly<Record<JobState, string>> = {
  SUBMITTED: '',
  STARTING: 'busy',
  RUNNING: 'busy',
  SUCCEEDED: 'good',
  FAILED: 'bad',
  CANCELLED: '',
};

export function StateBadge({ state }: { readonly state: JobState }) {
  return <span class={`badge ${LOOKS[state]}`}>{text.jobs.states[state]}</span>;
}
