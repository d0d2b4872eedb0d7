import { useEffect, useState } from 'preact/hooks';
import type { EvaluatedImage } from '../../lib/contracts/evaluated-images.ts';
import { generation } from '../api.ts';
import { explainImage } from '../explain-image.ts';

export interface Heat {
  readonly source: string | undefined;
  readonly error: unknown;
}

/**
 * The picture of where a version found evidence for what it predicts of an image.
 * @param reference `NAME@VERSION`
 * @param image undefined while no picture is wanted
 */
export function useHeat(reference: string, image: EvaluatedImage | undefined): Heat {
  const [label] = image?.predicted ?? [];
  const key = image === undefined ? '' : `${reference} ${image.sha256} ${label?.label}`;
  const [state, setState] = useState<Heat & { readonly key: string }>({ key, source: undefined, error: undefined });
  useEffect(() => {
    const request = image?.request;
    if (request === undefined || label === undefined || (state.key === key && state.source !== undefined)) return;
    const controller = new AbortController();
    const { signal } = controller;
    explainImage(key, { reference, label: label.label, request }, signal).then(
      (source) => signal.aborted || setState({ key, source, error: undefined }),
      (error: unknown) => signal.aborted || setState({ key, source: undefined, error }),
    );
    return () => controller.abort();
  }, [key, generation.value]);
  return state.key === key ? state : { source: undefined, error: undefined };
}
