import type { ModelReport } from '../../../lib/contracts/model-report.ts';
import { filterOf, type LookState } from '../../look-state.ts';
import { withQuery } from '../../router.ts';
import { useLoaded } from '../../use-loaded.ts';
import { ImageDialog } from './image-dialog.tsx';

/** An evaluated image, and the way to those beside it in the list from which it was opened. */
export function EvaluatedImageDialog(props: { readonly report: ModelReport; readonly state: LookState; readonly row: number }) {
  const { report, state, row } = props;
  const { from, at } = state;
  const reference = `${report.model}@${report.version}`;
  const filter = from && filterOf(from, state, report);
  const start = Math.max(0, (at ?? 0) - 1);
  const { value } = useLoaded(`beside ${reference} ${JSON.stringify(filter)} ${start}`, async (client) => {
    if (filter === undefined || at === undefined) return undefined;
    return client.models.evaluatedImages(reference, { ...filter, ...(start > 0 && { after: start }), limit: 3 });
  });
  const place = at === undefined ? undefined : at - start;
  // The list of an older address may have another picture at this place.
  const isListed = value !== undefined && place !== undefined && value.images[place]?.row === row;
  const linkTo = (step: number) => {
    const image = isListed ? value.images[place + step] : undefined;
    return image && withQuery({ image: image.row, at: (at ?? 0) + step });
  };
  return (
    <ImageDialog
      reference={reference}
      row={row}
      previous={linkTo(-1)}
      next={linkTo(1)}
      {...(isListed && { place: { at: (at ?? 0) + 1, of: value.count } })}
    />
  );
}
