/** Values of options as commander takes them: parsed, or refused with what was expected. */
import { InvalidArgumentError, Option } from 'commander';
import { nearest } from '../lib/contracts/explain/nearest.ts';

export function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

export function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number.');
}

export function share(text: string): number {
  const value = decimal(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a share between 0 and 1.');
}

export function inputSize(text: string): number | [number, number] {
  const [, height, width] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? [];
  if (height === undefined) throw new InvalidArgumentError('Expected N or HEIGHTxWIDTH, such as 224 or 180x320.');
  return width === undefined ? Number(height) : [Number(height), Number(width)];
}

export function rgb(text: string): number[] {
  const numbers = text.split(',').map(decimal);
  if (numbers.length === 3) return numbers;
  throw new InvalidArgumentError('Expected three numbers, red, green and blue, such as 0.5,0.5,0.5.');
}

/** An option that takes one of a few words; a mistyped one is told which was meant. */
export function oneOf(flags: string, about: string, words: readonly string[]): Option {
  return new Option(flags, about).choices(words).argParser((text) => {
    if (words.includes(text)) return text;
    const meant = nearest(text, words);
    throw new InvalidArgumentError(`Expected ${words.join(', ')}.${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`);
  });
}
