import type { EvaluatedImageList } from '../../../lib/contracts/evaluated-images.ts';
import type { ModelReport } from '../../../lib/contracts/model-report.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { filterOf, type LookState } from '../../look-state.ts';
import { withQuery } from '../../router.ts';
import { type Beside, ImageDialog } from './image-dialog.tsx';

/** Pictures that are known at once with those beside them, so that most steps need no request. */
const STEPS = 50;

/** An evaluated image, and the way to those beside it in the list from which it was opened. */
export function EvaluatedImageDialog(props: { readonly report: ModelReport; readonly state: LookState; readonly row: number }) {
  const { report, state, row } = props;
  const { from, at } = state;
  const reference = `${report.model}@${report.version}`;
  const filter = from && filterOf(from, state, report);
  const start = Math.max(0, Math.floor((at ?? 0) / STEPS) * STEPS - 1);
  const { value } = useLoaded(`beside ${reference} ${JSON.stringify(filter)} ${start}`, async (client) => {
    if (filter === undefined || at === undefined) return undefined;
    return client.models.evaluatedImages(reference, { ...filter, ...(start > 0 && { after: start }), limit: STEPS + 2 });
  });
  return (
    <ImageDialog
      reference={reference}
      row={row}
      beside={value && at !== undefined ? besideOf(value, row, at, start) : undefined}
    />
  );
}

/** @param at index of the picture in the list, from 0 @param start index of the first image of the part */
function besideOf({ images, count }: EvaluatedImageList, row: number, at: number, start: number): Beside | undefined {
  // The list of an older address may have another picture at this index.
  if (images[at - start]?.row !== row) return undefined;
  const addressOf = (index: number) => {
    const image = images[index - start];
    return image && withQuery({ image: image.row, at: index });
  };
  return { previous: addressOf(at - 1), next: addressOf(at + 1), position: at + 1, count };
}
