import { below, groupsOf } from './bash.ts';
import type { CommandWords, FlagWords } from './command-words.ts';

/** A script for zsh: `source <(graft completion zsh)`, after compinit. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const groups = groupsOf(commands);
  const top = commands.filter(({ path }) => !path.includes(' ')).map(({ path, about }) => `'${path}:${about}'`);
  const branches = commands
    .filter(({ path }) => !path.includes(' '))
    .map(({ path, flags, words }) => `    ${path}) ${argumentsOf(flags, words)} ;;`);
  return `#compdef graft
# zsh completion of graft; in ~/.zshrc, after compinit: source <(graft completion zsh)
_graft() {
  local -a commands=(${[...top, ...groups.map((group) => `'${group}'`)].join(' ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${branches.join('\n')}
${groups.map((group) => branchOfGroup(commands, group)).join('\n')}
  esac
}
compdef _graft graft
`;
}

function branchOfGroup(commands: readonly CommandWords[], group: string): string {
  const inner = commands
    .filter(({ path }) => path.startsWith(`${group} `))
    .map(({ path, flags, words }) => `        ${path.slice(group.length + 1)}) ${argumentsOf(flags, words)} ;;`);
  return `    ${group})
      if (( CURRENT == 2 )); then
        compadd -- ${below(commands, group).join(' ')}
        return
      fi
      shift words
      (( CURRENT-- ))
      case $words[1] in
${inner.join('\n')}
      esac ;;`;
}

function argumentsOf(flags: readonly FlagWords[], words: readonly string[]): string {
  const rest = words.length > 0 ? `'*:argument:(${words.join(' ')})'` : "'*:file:_files'";
  return ['_arguments', ...flags.map(flagOf), rest].join(' ');
}

function flagOf({ flag, about, takesValue, words }: FlagWords): string {
  if (!takesValue) return `'${flag}[${about}]'`;
  return `'${flag}[${about}]:value:${words.length > 0 ? `(${words.join(' ')})` : '_files'}'`;
}
