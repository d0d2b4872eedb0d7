import { useEffect } from 'preact/hooks';
import type { RefusedFile } from '../../../lib/contracts/dataset.ts';
import { GraftError } from '../../../lib/errors.ts';
import { byteSize, count, counted } from '../../../lib/format.ts';
import { Bar, PageHead, Panel } from '../../components/basics.tsx';
import { Icon } from '../../components/icon.tsx';
import { Problem } from '../../components/problem.tsx';
import { UnloadedPage } from '../../components/unloaded.tsx';
import { useAction } from '../../hooks/use-action.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { goTo, linkTo, replaceAddress } from '../../router.ts';
import { text } from '../../strings.ts';
import { resumeUpload, sendings } from '../../upload/uploads.ts';

const POLL_MS = 500;
const ROWS_SHOWN = 20;

/** An upload: first this tab sends files, then the server imports them. */
export function UploadPage({ id }: { readonly id: string }) {
  const { value: upload, error } = useLoaded(
    `upload ${id}`,
    (client) => client.datasets.getUpload(id),
    (last) => (last === undefined || last.state === 'UPLOADING' || last.state === 'IMPORTING' ? POLL_MS : undefined),
  );
  const report = upload?.report;
  const reference = report === undefined ? undefined : `${report.dataset}@${report.digest}`;
  const leftOut = sendings.value[id]?.leftOut ?? [];
  const isSeen = leftOut.length === 0;
  useEffect(() => {
    if (reference !== undefined && isSeen) replaceAddress(linkTo(['datasets', reference]));
  }, [reference, isSeen]);

  const crumbs = [{ label: text.pages.datasets, link: '#/datasets' }];
  if (upload === undefined) return <UnloadedPage title={text.upload.title} crumbs={crumbs} error={error} lines={2} />;
  return (
    <>
      <PageHead title={upload.name} crumbs={crumbs} />
      {error !== undefined && <Problem error={error} />}
      {upload.state === 'UPLOADING' && <SendingPanel id={id} name={upload.name} />}
      {leftOut.length > 0 && <LeftOutPanel files={leftOut} />}
      {reference !== undefined && !isSeen && (
        <div class="row">
          <a class="button primary" href={linkTo(['datasets', reference])}>
            {text.upload.toDataset}
          </a>
        </div>
      )}
      {upload.state === 'IMPORTING' && (
        <Panel title={text.upload.importing} aside={<span class="badge busy">{text.upload.checking}</span>}>
          <Bar
            share={upload.progress && upload.progress.done / Math.max(upload.progress.total, 1)}
            label={text.upload.importing}
          />
          <p class="muted number" aria-live="polite">
            {upload.progress === undefined
              ? text.upload.waiting
              : text.upload.checked(count(upload.progress.done), count(upload.progress.total))}
          </p>
        </Panel>
      )}
      {upload.state === 'FAILED' && upload.error !== undefined && (
        <>
          <Problem error={upload.error} />
          <div class="row">
            <a class="button primary" href="#/datasets">
              {text.upload.again}
            </a>
          </div>
        </>
      )}
    </>
  );
}

/** Files that this tab left out. The page stays until its user goes on, who may not look at the report. */
function LeftOutPanel({ files }: { readonly files: readonly RefusedFile[] }) {
  return (
    <Panel title={text.upload.leftOut(counted(files.length, text.file))} isFlush>
      <ul class="list">
        {files.slice(0, ROWS_SHOWN).map(({ path, message }) => (
          <li key={path} class="item">
            <span class="grow">
              <span class="name mono">{path}</span>
              <span class="muted"> {message}</span>
            </span>
          </li>
        ))}
        {files.length > ROWS_SHOWN && <li class="item muted">{text.andMore(count(files.length - ROWS_SHOWN))}</li>}
      </ul>
    </Panel>
  );
}

function SendingPanel({ id, name }: { readonly id: string; readonly name: string }) {
  const { run, isBusy, failure } = useAction({ isLast: true });
  const sending = sendings.value[id];
  if (sending === undefined) {
    return (
      <Panel title={text.upload.interrupted}>
        <p>{text.upload.interruptedAbout}</p>
        <div class="row">
          <a class="button primary" href="#/datasets">
            {text.upload.again}
          </a>
        </div>
      </Panel>
    );
  }
  const { progress, error, waiting, sendOn } = sending;

  function resume(): void {
    void run(
      () => resumeUpload(id, name),
      (resumed) => goTo(linkTo(['uploads', resumed])),
    );
  }

  return (
    <Panel title={text.upload.sending} aside={error === undefined && <SendingBadge isWaiting={waiting !== undefined} />}>
      <Bar share={progress && progress.storedBytes / Math.max(progress.bytes, 1)} label={text.upload.sending} />
      {progress !== undefined && (
        <p class="muted number">
          {text.upload.sent(
            count(progress.stored),
            count(progress.files),
            byteSize(progress.storedBytes),
            byteSize(progress.bytes),
          )}
        </p>
      )}
      <div aria-live="polite" class="column">
        {waiting !== undefined && (
          <div class="problem warning">
            <Icon name="alert" />
            <div class="column waiting">
              <p>{text.upload.waits}</p>
              <p class="fix">{waiting instanceof GraftError ? waiting.code : ''}</p>
              <button type="button" class="button" onClick={sendOn}>
                {text.upload.sendOn}
              </button>
            </div>
          </div>
        )}
      </div>
      {error !== undefined && (
        <>
          <Problem error={failure ?? error} />
          <p class="muted">{text.upload.resumeAbout}</p>
          <div class="row">
            <button type="button" class="button primary" disabled={isBusy} onClick={resume}>
              {text.upload.resume}
            </button>
          </div>
        </>
      )}
    </Panel>
  );
}

function SendingBadge({ isWaiting }: { readonly isWaiting: boolean }) {
  return isWaiting ? <span class="badge warn">{text.upload.paused}</span> : <span class="badge busy">{text.upload.busy}</span>;
}
