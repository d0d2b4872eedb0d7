import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../../../lib/client/client.ts';
import type { PredictOptions } from '../../../lib/client/model-methods.ts';
import type { ImagePrediction } from '../../../lib/contracts/prediction.ts';
import { parseReference } from '../../../lib/contracts/reference.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress, cancellable } from '../../api.ts';
import { Empty, MoreButton, PageHead, Panel } from '../../components/basics.tsx';
import { Camera } from '../../components/camera.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { DropZone } from '../../components/drop-zone.tsx';
import { Problem } from '../../components/problem.tsx';
import { UnloadedPage } from '../../components/unloaded.tsx';
import { milliseconds } from '../../format.ts';
import { useList } from '../../hooks/use-list.ts';
import { PageError } from '../../page-error.ts';
import { linkTo, replaceAddress } from '../../router.ts';
import { text } from '../../strings.ts';
import { type SentImage, withinRequest } from '../../within-request.ts';
import { PredictInBrowser } from './predict-in-browser.tsx';
import { PredictionLabels } from './prediction-labels.tsx';

const MODELS_A_PAGE = 100;

interface Result {
  readonly prediction: ImagePrediction;
  readonly version: number;
  /** From sending the request to its complete response, in milliseconds. */
  readonly took: number;
  /** Pixels of the smaller copy that was predicted; undefined for the image itself. */
  readonly copy: SentImage['copy'];
}

/** Predicts an image that the user drops, pastes or takes with the camera. */
export function TryPage({ given }: { readonly given: string | undefined }) {
  const list = useList(
    'models to try',
    (client, after) => client.models.list({ limit: MODELS_A_PAGE, after }),
    ({ models }) => models,
  );
  const { items, error } = list;
  if (items === undefined) return <UnloadedPage title={text.pages.try} error={error} lines={4} />;
  const references = items.flatMap(({ name, aliases }) => [
    name,
    ...Object.keys(aliases).flatMap((alias) => (alias === 'latest' ? [] : [`${name}:${alias}`])),
  ]);
  const reference = given ?? references[0];
  if (reference === undefined) {
    const action = (
      <a class="button primary" href="#/train">
        {text.jobs.train}
      </a>
    );
    return (
      <>
        <PageHead title={text.pages.try} about={text.try.about} />
        <section class="panel">
          <Empty icon="try" title={text.models.empty} action={action}>
            {text.try.empty}
          </Empty>
        </section>
      </>
    );
  }
  return (
    <TryModel reference={reference} references={[...new Set([reference, ...references])]} more={<MoreButton list={list} />} />
  );
}

function TryModel(props: {
  readonly reference: string;
  readonly references: readonly string[];
  /** Loads further models. */
  readonly more: ComponentChildren;
}) {
  const { reference, references, more } = props;
  const [image, setImage] = useState<Blob>();
  const [address, setAddress] = useState<string>();
  const [result, setResult] = useState<Result>();
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const [hasHeat, setHeat] = useState(true);

  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (file !== undefined) setImage(file);
    };
    window.addEventListener('paste', paste);
    return () => window.removeEventListener('paste', paste);
  }, []);

  useEffect(() => {
    if (image === undefined) return;
    const controller = new AbortController();
    const { signal } = controller;
    const shown = URL.createObjectURL(image);
    setAddress(shown);
    setResult(undefined);
    setFailure(undefined);
    setBusy(true);
    const showResult = (value: Result) => signal.aborted || setResult(value);
    predictAndExplain(cancellable(signal), reference, image, showResult)
      .catch((error) => signal.aborted || setFailure(error))
      .finally(() => signal.aborted || setBusy(false));
    return () => {
      controller.abort();
      URL.revokeObjectURL(shown);
    };
  }, [image, reference]);

  /** What was dropped may be text, and no file. */
  function show(file: File | undefined): void {
    if (file !== undefined) setImage(file);
  }

  const overlay = result?.prediction.explanation?.overlay;
  const shown = hasHeat && overlay !== undefined ? `data:image/png;base64,${overlay}` : address;
  return (
    <>
      <PageHead title={text.pages.try} about={text.try.about}>
        <label class="row">
          <span>{text.try.model}</span>
          <select
            class="select"
            value={reference}
            onChange={(event) => replaceAddress(linkTo(['try', event.currentTarget.value]))}
          >
            {references.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        </label>
        {more}
      </PageHead>
      <div class="try">
        <DropZone
          icon="upload"
          lead={text.try.drop}
          about={text.try.dropAbout}
          accept="image/*"
          isMultiple={false}
          onDrop={(transfer) => show(transfer.files[0])}
          onChoose={(files) => show(files[0])}
          above={
            <div class="stage-image">
              {shown === undefined ? <span class="muted">{text.try.nothing}</span> : <img src={shown} alt={text.try.image} />}
            </div>
          }
        >
          <Camera onPicture={setImage} />
        </DropZone>
        <div class="column">
          <Panel
            title={text.try.endpoint}
            aside={result !== undefined && <span class="muted number">{milliseconds(result.took)}</span>}
          >
            {failure !== undefined && <Problem error={failure} />}
            {result === undefined && failure === undefined && <p class="muted">{isBusy ? text.try.busy : text.try.wait}</p>}
            {result !== undefined && (
              <>
                <PredictionLabels
                  labels={result.prediction.labels}
                  isKnown={result.prediction.known}
                  hasAbstained={result.prediction.abstained}
                />
                {result.copy !== undefined && (
                  <p class="muted small">{text.try.smaller(result.copy.width, result.copy.height)}</p>
                )}
                {overlay !== undefined && (
                  <label class="row">
                    <input type="checkbox" checked={hasHeat} onChange={(event) => setHeat(event.currentTarget.checked)} />
                    <span>{text.try.heat(result.prediction.explanation?.label ?? '')}</span>
                  </label>
                )}
              </>
            )}
            <div class="row">
              <CopyAction action={predictAction(reference)} />
            </div>
          </Panel>
          <PredictInBrowser key={reference} reference={reference} image={image} />
        </div>
      </div>
    </>
  );
}

/**
 * Predicts an image, and explains the prediction with a second request: the time of the first one is that of a prediction,
 * and a model that keeps predictions keeps only the first.
 * @param onResult called after each of them
 */
async function predictAndExplain(
  client: Client,
  reference: string,
  image: Blob,
  onResult: (result: Result) => void,
): Promise<void> {
  const { bytes, copy } = await withinRequest(image);
  const began = performance.now();
  const { version, prediction } = await predict(client, reference, bytes);
  const took = performance.now() - began;
  onResult({ prediction, version, took, copy });
  const explained = await predict(client, `${parseReference(reference)?.name ?? reference}@${version}`, bytes, {
    explain: true,
    explainOverlay: true,
    keep: false,
  });
  onResult({ prediction: explained.prediction, version, took, copy });
}

async function predict(client: Client, reference: string, bytes: Uint8Array, options?: PredictOptions) {
  const { version, predictions } = await client.models.predict(reference, [{ name: 'image', bytes }], options);
  const [prediction] = predictions;
  if (prediction === undefined) throw new PageError(text.try.none);
  return { version, prediction };
}

function predictAction(reference: string) {
  return actionOf(apiAddress, {
    method: 'POST',
    path: `/v1/models/${encodeURIComponent(reference)}/predict`,
    file: 'photo.jpg',
    command: ['predict', reference, 'photo.jpg'],
    call: [
      "import { readFile } from 'node:fs/promises';",
      "const bytes = await readFile('photo.jpg');",
      `const result = await client.models.predict(${quoted(reference)}, [{ name: 'photo.jpg', bytes }]);`,
    ].join('\n'),
  });
}
