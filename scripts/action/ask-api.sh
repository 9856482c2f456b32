# Sourced by the action's steps: one way to ask the API, and one way to print what came from outside.

# One line, and none that a runner takes for a command of its own (`::error::`, `##[group]`).
# shellcheck disable=SC2016
PLAIN='def plain: tostring | gsub("[\\x00-\\x1f\\x7f]+"; " ") | gsub("##\\["; "## [") | gsub("::"; ": :");'

# ask PATH [curl's options]: the answer on stdout; a refusal's own words on stderr, and exit code 1.
# The token goes by stdin: arguments of a process can be read by others on the machine. No redirect is followed.
ask() {
  local path=$1 file code=0
  shift
  file=$(mktemp)
  # Into a file, which a retry begins anew.
  printf 'Authorization: Bearer %s' "$WINDLASS_TOKEN" |
    curl -sS --fail-with-body --max-time 60 --retry "${RETRIES:-10}" --retry-connrefused -o "$file" -H @- "$@" -- "${WINDLASS_API%/}$path" ||
    code=1
  if [ "$code" = 0 ]; then
    cat "$file"
  else
    jq -r "$PLAIN"'"Windlass: \(.detail // .title // "no reason was given" | plain) \(.hint // "" | plain)"' "$file" >&2 2>/dev/null ||
      echo 'Windlass: no readable answer; look at the address of the API.' >&2
  fi
  rm -f "$file"
  return "$code"
}
