import { useState } from 'preact/hooks';
import { goTo, linkTo } from './router.ts';
import { useGone } from './use-gone.ts';

/** Submits a job for a form, and goes to the page of the job, unless the form is left meanwhile. */
export function useSubmission() {
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const isGone = useGone();

  async function submit(event: Event, send: () => Promise<{ readonly id: string }>): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      const { id } = await send();
      if (!isGone.current) goTo(linkTo(['jobs', id]));
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  }

  return { failure, isBusy, submit };
}
