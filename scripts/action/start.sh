#!/usr/bin/env bash
# The action's first step: checks its inputs, starts a release, and hands on its id and page.
# In: WINDLASS_API, WINDLASS_TOKEN, PRODUCT, BUMP, WAIT, and the runner's GITHUB_RUN_ID, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/ask-api.sh"

mistakes=()
[[ $WINDLASS_API =~ ^https?://[^[:space:]@]+$ ]] || mistakes+=('api: must be an address such as https://windlass.example.com, without a user.')
[[ $WINDLASS_TOKEN =~ ^[[:graph:]]+$ ]] || mistakes+=('token: is empty, or holds spaces. Is the secret set, and may this workflow read it?')
[[ $PRODUCT =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$ ]] || mistakes+=('product: must be a name of windlass.yaml.')
[[ $BUMP =~ ^(auto|patch|minor|major)$ ]] || mistakes+=('version_bump: must be auto, patch, minor or major.')
[[ $WAIT =~ ^(true|false)$ ]] || mistakes+=('wait: must be true or false.')
if ((${#mistakes[@]} > 0)); then
  printf 'Windlass: %s\n' "${mistakes[@]}" 'Nothing was started.' >&2
  exit 2
fi

# The same for every attempt of a run: "Re-run failed jobs" looks at the same release and starts no other.
ask /v1/releases -X POST -H 'Content-Type: application/json' -H "Idempotency-Key: github-$GITHUB_RUN_ID-$PRODUCT" \
  -d "$(jq -n --arg product "$PRODUCT" --arg bump "$BUMP" '{product: $product, bump: $bump}')" |
  jq -er "$PLAIN"'
    if .releaseId and .url then "release_id=\(.releaseId | plain)", "url=\(.url | tostring | gsub("\\s"; ""))", "outcome=started"
    else error("what answers is not the API of Windlass") end' >>"$GITHUB_OUTPUT"

release=$(sed -n 's/^release_id=//p' "$GITHUB_OUTPUT" | tail -1)
url=$(sed -n 's/^url=//p' "$GITHUB_OUTPUT" | tail -1)
echo "Release $release has been started: $url"
printf '### Windlass: %s\n\nRelease [%s](%s), bump %s. People decide on its page.\n\n' "$PRODUCT" "$release" "$url" "$BUMP" >>"$GITHUB_STEP_SUMMARY"
