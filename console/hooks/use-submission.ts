import { goTo, linkTo } from '../router.ts';
import { useAction } from './use-action.ts';

/** Submits a job for a form, and goes to the page of the job, unless the form is left meanwhile. */
export function useSubmission() {
  const { run, isBusy, failure } = useAction({ isLast: true });

  function submit(event: Event, send: () => Promise<{ readonly id: string }>): void {
    event.preventDefault();
    void run(send, ({ id }) => goTo(linkTo(['jobs', id])));
  }

  return { failure, isBusy, submit };
}
