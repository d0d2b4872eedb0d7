# Stands before the examples of a page, which then run as they are: the command is this repository's, a server listens on a free port.
# GRAFT_NODE, GRAFT_MAIN: what runs the command. Each example is a file, named PAGE:LINE, in the folder GRAFT_EXAMPLES.
set -uo pipefail -o errtrace
trap note_failure ERR
trap 'if [ -n "${server_process-}" ]; then kill "$server_process"; wait "$server_process"; fi' EXIT
unset GRAFT_API GRAFT_DATA_DIR
default_server=http://127.0.0.1:4400
server=$default_server

# Runs an example in this shell, so that what it sets is there for the next one. $2 is "fails" where it shows a failure.
example() {
  failed=''
  printf '\n== %s\n' "$1"
  source "$GRAFT_EXAMPLES/$1"
  if [ "${2-}" = fails ]; then
    if [ -n "$failed" ]; then failed=''; else failed='nothing, but this example is to fail'; fi
  fi
  if [ -n "$failed" ]; then printf '\nFAILED: %s\n' "$failed"; else printf '\nok %s\n' "$1"; fi
}

# Keeps the first line of the example that failed, however deep the failure was.
note_failure() {
  local frame
  for frame in "${!BASH_SOURCE[@]}"; do
    if [[ -z $failed && ${BASH_SOURCE[frame]} == "$GRAFT_EXAMPLES"* ]]; then
      failed=$(sed -n "${BASH_LINENO[frame - 1]}p" "${BASH_SOURCE[frame]}")
    fi
  done
  failed=${failed:-it does not parse}
}

# Other scripts of the repository are run by .ci/run.
npm() {
  case "$*" in
    'run -s graft -- '*) shift 4 && graft "$@" ;;
    ci | test | 'run demo' | 'run native'* | 'run -s bench'*) ;;
    *) echo "test/docs/examples/prelude.sh does not know: npm $*" && return 1 ;;
  esac
}

# Small images and few epochs, where an example does not say.
graft() {
  local quick=()
  if [ "$1" = dev ]; then start_server && return; fi
  # .ci/run runs it.
  if [ "$1" = demo ]; then return; fi
  if [ "$1" = train ]; then
    [[ " $* " == *' --input-size '* ]] || quick+=(--input-size 64)
    [[ " $* " == *' --epochs '* ]] || quick+=(--epochs 3)
  fi
  local api=${GRAFT_API-}
  GRAFT_API=${api/#$default_server/$server} run_graft "$@" "${quick[@]}"
}

run_graft() {
  "$GRAFT_NODE" --disable-warning=ExperimentalWarning "$GRAFT_MAIN" "$@"
}

# Answers that tell of an error fail.
curl() {
  command curl --fail-with-body --silent --show-error --max-time 60 "${@/#$default_server/$server}"
}

# In the background. A worker that the examples before have left may still hold the data folder for a moment.
start_server() {
  local tries
  for tries in {1..60}; do
    timeout 600 "$GRAFT_NODE" --disable-warning=ExperimentalWarning "$GRAFT_MAIN" dev --port 0 --json >server.json 2>server.log &
    server_process=$!
    while kill -0 "$server_process" 2>&- && ! grep -q '^}' server.json; do sleep 0.1; done
    server=$(grep -o 'http://[^"]*' server.json) && return
    sleep 0.5
  done
  cat server.json server.log
  return 1
}
