import type { CommandWords } from './command-words.ts';

/** A script for bash: `source <(graft completion bash)`. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const values = commands.flatMap(({ path, flags }) =>
    flags
      .filter(({ words }) => words.length > 0)
      .map(({ flag, words }) => `    '${path} ${flag}') words='${words.join(' ')}' ;;`),
  );
  const anyValue = commands.flatMap(({ path, flags }) =>
    flags.filter(({ takesValue, words }) => takesValue && words.length === 0).map(({ flag }) => `'${path} ${flag}'`),
  );
  const own = commands.map(
    ({ path, flags, words }) => `    '${path}') words='${[...words, ...flags.map(({ flag }) => flag)].join(' ')}' ;;`,
  );
  return `# bash completion of graft; in ~/.bashrc: source <(graft completion bash)
_graft() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
      ' -'*) ;;
${groupsOf(commands)
  .map((group) => `      ' ${group}') path='${group}' ;;`)
  .join('\n')}
${groupsOf(commands)
  .map((group) => `      '${group} '[!-]*) path="${group} $word"; break ;;`)
  .join('\n')}
      ' '*) path=$word; break ;;
    esac
  done
  case "$path $previous" in
${values.join('\n')}
${anyValue.length === 0 ? '' : `    ${anyValue.join(' | ')}) COMPREPLY=(); compopt -o default; return ;;`}
    *) case "$path" in
    '') words='${topWords(commands).join(' ')}' ;;
${groupsOf(commands)
  .map((group) => `    '${group}') words='${below(commands, group).join(' ')}' ;;`)
  .join('\n')}
${own.join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # Where no word of ours fits, a file may.
  [ \${#COMPREPLY[@]} -gt 0 ] || compopt -o default
}
complete -F _graft graft
`;
}

/** Words that stand before a command: \`weights\`. */
export function groupsOf(commands: readonly CommandWords[]): string[] {
  return [...new Set(commands.flatMap(({ path }) => (path.includes(' ') ? [path.split(' ')[0] ?? ''] : [])))];
}

export function topWords(commands: readonly CommandWords[]): string[] {
  return [...new Set(commands.map(({ path }) => path.split(' ')[0] ?? ''))];
}

export function below(commands: readonly CommandWords[], group: string): string[] {
  return commands.flatMap(({ path }) => (path.startsWith(`${group} `) ? [path.slice(group.length + 1)] : []));
}
