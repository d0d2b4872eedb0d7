import { SpecError } from '../errors.ts';
import { imagenetBackbone } from './reference.ts';

/** Returns the name of a model that is trained on a data set, if nobody names it: that of the data set, unless it is reserved. */
export function modelNameFor(dataset: string): string {
  const rest = imagenetBackbone(dataset);
  return rest === undefined ? dataset : `imagenet-${rest}`;
}

/**
 * Refuses the names of pretrained models, `imagenet.NAME`: no reference would find the trained model. Records of earlier
 * versions may have such names, so their schema allows them.
 * @throws SpecError MODEL_NAME_RESERVED
 */
export function requireModelName(name: string): void {
  if (imagenetBackbone(name) === undefined) return;
  throw new SpecError('MODEL_NAME_RESERVED', {
    at: 'name',
    expected: 'a name that does not begin with imagenet., which is a pretrained model',
    received: name,
    fix: `choose another name, such as ${modelNameFor(name)}`,
  });
}
