#!/usr/bin/env bash
# The action's second step: follows a release to its end; exit code 0 only where it was released.
# In: WINDLASS_API, WINDLASS_TOKEN, PRODUCT, RELEASE, and the runner's GITHUB_OUTPUT, GITHUB_STEP_SUMMARY.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/ask-api.sh"

said=''
while true; do
  answer=$(ask "/v1/releases/$PRODUCT")
  # Another release may have begun since this one ended: then it is in the archive.
  if [ "$(jq -r .record.releaseId <<<"$answer")" != "$RELEASE" ]; then
    answer=$(ask "/v1/releases/$PRODUCT/archive/$RELEASE" | jq '{open: false, record: ., summary: .ending}')
  fi
  now=$(jq -r "$PLAIN"'.summary // "" | plain' <<<"$answer")
  if [ "$now" != "$said" ]; then echo "$(date -u +%H:%M:%S) $now"; fi
  said=$now
  if [ "$(jq -r .open <<<"$answer")" = false ]; then break; fi
  sleep "${SECONDS_BETWEEN_LOOKS:-20}"
done

jq -r "$PLAIN"'"version=\(.record.plan.version // "" | plain)", "outcome=\(.record.outcome // "unknown" | plain)"' \
  <<<"$answer" >>"$GITHUB_OUTPUT"
# As code, so that nothing in it is markup.
jq -r "$PLAIN"'
  def code: plain | gsub("[`|]"; "\u0027") | "`\(.)`";
  "| version | outcome | |", "|---|---|---|",
  "| \(.record.plan.version // "none" | code) | \(.record.outcome // "unknown" | code) | \(.record.ending // "ended from outside: see Temporal" | code) |", "",
  (.record.remains[]? | "- remains: \(code)")' <<<"$answer" >>"$GITHUB_STEP_SUMMARY"
jq -r "$PLAIN"'"\(.record.outcome // "unknown" | plain): \(.record.ending // "ended from outside: see Temporal" | plain)", (.record.remains[]? | "remains: \(plain)")' <<<"$answer"
test "$(jq -r .record.outcome <<<"$answer")" = released
