import { LONGEST_LICENCE } from '../../contracts/own-model.ts';

/** The licence of a model from its metadata or its card, as specs accept it; undefined if the text is blank. */
export function toLicence(text = ''): string | undefined {
  return text.trim().slice(0, LONGEST_LICENCE) || undefined;
}
