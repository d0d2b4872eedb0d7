import { useEffect, useState } from 'preact/hooks';
import type { BrowserModel, BrowserPrediction } from '../../browser-model/open-model.ts';
import { Panel } from '../../components/basics.tsx';
import { Problem } from '../../components/problem.tsx';
import { milliseconds } from '../../format.ts';
import { useGone } from '../../hooks/use-gone.ts';
import { text } from '../../strings.ts';
import { PredictionLabels } from './prediction-labels.tsx';

/**
 * The same image in the same model, which runs in the browser. ONNX Runtime is loaded only when the user asks for it.
 * Another model is another component: give it the reference as its key.
 */
export function PredictInBrowser({ reference, image }: { readonly reference: string; readonly image: Blob | undefined }) {
  const [model, setModel] = useState<BrowserModel>();
  const [isLoading, setLoading] = useState(false);
  const [prediction, setPrediction] = useState<BrowserPrediction>();
  const [failure, setFailure] = useState<unknown>();
  const isGone = useGone();

  useEffect(() => () => void model?.close(), [model]);

  useEffect(() => {
    setPrediction(undefined);
    if (model === undefined || image === undefined) return;
    setFailure(undefined);
    let isCurrent = true;
    model.predict(image).then(
      (value) => isCurrent && setPrediction(value),
      (error) => isCurrent && setFailure(error),
    );
    return () => {
      isCurrent = false;
    };
  }, [model, image]);

  async function load(): Promise<void> {
    setLoading(true);
    setFailure(undefined);
    try {
      const { openModel } = await import('../../browser-model/open-model.ts');
      const opened = await openModel(reference);
      if (isGone.current) return await opened.close();
      setModel(opened);
    } catch (error) {
      setFailure(error);
    } finally {
      setLoading(false);
    }
  }

  return (
    <Panel
      title={text.try.browser}
      aside={prediction !== undefined && <span class="muted number">{milliseconds(prediction.took)}</span>}
    >
      {failure !== undefined && <Problem error={failure} />}
      {prediction !== undefined && <PredictionLabels labels={prediction.labels} isKnown={prediction.isKnown} />}
      {prediction === undefined && (
        <p class="muted">{model === undefined ? text.try.browserAbout : image === undefined ? text.try.wait : text.try.busy}</p>
      )}
      {model === undefined && (
        <div class="row">
          <button type="button" class="button" disabled={isLoading} onClick={load}>
            {isLoading ? text.try.loading : text.try.load}
          </button>
        </div>
      )}
    </Panel>
  );
}
