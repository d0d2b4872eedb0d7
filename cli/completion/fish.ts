import { below, groupsOf } from './bash.ts';
import type { CommandWords, FlagWords } from './command-words.ts';

/** A script for fish: `graft completion fish | source`. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const groups = groupsOf(commands);
  const top = commands.filter(({ path }) => !path.includes(' '));
  const lines = [
    '# fish completion of graft; graft completion fish > ~/.config/fish/completions/graft.fish',
    'complete -c graft -e',
    ...top.map(({ path, about }) => `complete -c graft -n __fish_use_subcommand -f -a ${path} -d '${about}'`),
    ...groups.flatMap((group) => [
      `complete -c graft -n __fish_use_subcommand -f -a ${group}`,
      `complete -c graft -n '__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ` +
        `${below(commands, group).join(' ')}' -f -a '${below(commands, group).join(' ')}'`,
    ]),
    ...commands.flatMap(linesOf),
  ];
  return `${lines.join('\n')}\n`;
}

function linesOf({ path, flags, words }: CommandWords): string[] {
  const seen = path
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');
  const when = `complete -c graft -n '${seen}'`;
  return [...(words.length > 0 ? [`${when} -f -a '${words.join(' ')}'`] : []), ...flags.map((flag) => `${when} ${flagOf(flag)}`)];
}

function flagOf({ flag, about, takesValue, words }: FlagWords): string {
  const value = !takesValue ? '' : words.length > 0 ? ` -x -a '${words.join(' ')}'` : ' -r';
  return `-l ${flag.slice(2)} -d '${about}'${value}`;
}
