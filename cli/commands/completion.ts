import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { commandWords } from '../completion/command-words.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { EXIT, type Output } from '../output.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
export type Shell = keyof typeof SCRIPTS;

/** graft completion SHELL: generated from the program, so that it has every command and flag. */
export function completion(shell: Shell, program: Command, output: Output): number {
  const script = SCRIPTS[shell](commandWords(program));
  output.script({ shell, script }, script);
  return EXIT.done;
}
