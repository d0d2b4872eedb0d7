# zsh -f complete.zsh SCRIPT LINE: what zsh would offer at the end of the line, one word a line. It completes only where somebody
# types, so an interactive zsh is started behind a pseudo terminal.
zmodload zsh/zpty
answer=$(mktemp)
session=$(mktemp)
cat > $session <<END
PROMPT= PS2=
autoload -Uz compinit && compinit -u -D
source ${(q)1}
typeset -ga offered
compadd() {
  # Asked to fill an array, it offers nothing.
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    typeset -a hits
    builtin compadd -A hits "\$@"
    offered+=(\$hits)
  fi
  builtin compadd "\$@"
}
offer() {
  BUFFER=${(q)2} CURSOR=\$#BUFFER
  zle complete-it
  print -rl -- \$offered > $answer
  exit
}
zle -C complete-it complete-word _main_complete
zle -N offer
bindkey '^X' offer
END
zpty typist zsh -f -i
zpty -w typist "source $session; print -r ready"
zpty -r typist said '*ready*ready*'
zpty -w -n typist $'\C-x'
while zpty -t typist 2> /dev/null; do zpty -r typist said || break; done
cat $answer
rm -f $answer $session
