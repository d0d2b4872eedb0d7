import type { Command, Option } from 'commander';
import { catalogue } from '../../lib/backbones/catalogue.ts';
import { specChoices } from '../spec-choices.ts';

/** What a shell must know of one command to complete it. */
export interface CommandWords {
  /** As it is typed after `graft`: `train`, `weights pull`. */
  readonly path: string;
  readonly about: string;
  readonly flags: readonly FlagWords[];
  /** Words for its first argument, where there are some that are known. */
  readonly words: readonly string[];
}

export interface FlagWords {
  /** `--backbone` */
  readonly flag: string;
  readonly about: string;
  readonly takesValue: boolean;
  /** Words for its value, where there are some that are known. */
  readonly words: readonly string[];
}

const backbones = catalogue.map(({ name }) => name);

/** Flags and arguments whose values are words that the program does not list itself. */
const KNOWN_VALUES: Readonly<Record<string, readonly string[]>> = {
  '--backbone': backbones,
  '--head': specChoices.head,
  '--weights': ['bundled', 'imagenet', 'imported', 'none'],
};
const KNOWN_ARGUMENTS: Readonly<Record<string, readonly string[]>> = { backbones, 'weights pull': backbones };

/** Every command below one, with its words. */
export function commandWords(command: Command, above: readonly string[] = []): CommandWords[] {
  return command.commands.flatMap((below) => {
    const path = [...above, below.name()];
    return below.commands.length > 0 ? commandWords(below, path) : [wordsOf(below, path.join(' '))];
  });
}

function wordsOf(command: Command, path: string): CommandWords {
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  return {
    path,
    about: firstClause(command.description()),
    flags: command.options.map(flagOf),
    words: KNOWN_ARGUMENTS[path] ?? choices,
  };
}

function flagOf({ long, description, argChoices, required, optional }: Option): FlagWords {
  const flag = long ?? '';
  return {
    flag,
    about: firstClause(description),
    takesValue: required || optional,
    words: argChoices ?? KNOWN_VALUES[flag] ?? [],
  };
}

/** Short enough for a menu, and without what a shell would take for its own. */
function firstClause(text: string): string {
  return (text.split(/[;:,(]/)[0] ?? '').replaceAll(/['"`$\\]/g, '').trim();
}
