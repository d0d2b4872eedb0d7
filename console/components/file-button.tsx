import { client } from '../api.ts';
import { useAction } from '../hooks/use-action.ts';
import { PageError } from '../page-error.ts';
import { saveFile } from '../save-file.ts';
import { text } from '../strings.ts';
import { Icon } from './icon.tsx';
import { Problem } from './problem.tsx';

/**
 * A button that downloads a file of a job. Its link is requested on the click, because links expire.
 * @param props.after the file before it in the list of the job's files; undefined: it is the first one
 */
export function FileButton(props: {
  readonly job: string;
  readonly name: string;
  readonly after?: string | undefined;
  readonly isPrimary?: boolean;
}) {
  const { job, name, after, isPrimary = false } = props;
  const { run, isBusy, failure } = useAction();

  async function download(): Promise<void> {
    const [file] = (await client.jobs.files(job, { after, limit: 1 })).files;
    if (file?.name !== name) throw new PageError(text.files.gone(name), text.files.goneFix);
    saveFile(name, new Blob([new Uint8Array(await client.fetchFile(file))]));
  }

  return (
    <>
      <button type="button" class={isPrimary ? 'button primary' : 'button'} disabled={isBusy} onClick={() => run(download)}>
        <Icon name="download" size={16} />
        <span>
          {isBusy ? text.files.busy : text.files.download} <span class="visually-hidden">{name}</span>
        </span>
      </button>
      <span class="visually-hidden" role="status">
        {isBusy && text.files.busy}
      </span>
      {failure !== undefined && <Problem error={failure} />}
    </>
  );
}
