/** Each asks the command itself, and takes what it says as it is: no shell expands a name that came from an API. */
export const SHELL_SCRIPTS = {
  bash: `_windlass() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <("\${COMP_WORDS[0]}" completion candidates -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _windlass windlass
`,
  zsh: `#compdef windlass
_windlass() {
  local -a candidates
  candidates=("\${(@f)$("\${words[1]}" completion candidates -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then compadd -a candidates; else _files; fi
}
compdef _windlass windlass
`,
  fish: `function __windlass_candidates
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l candidates (windlass completion candidates -- $before[2..-1] "$current" 2>/dev/null)
    if test (count $candidates) -gt 0
        printf '%s\\n' $candidates
    else
        __fish_complete_path "$current"
    end
end
complete -c windlass -f -a '(__windlass_candidates)'
`,
} as const;

/** Whether there is a script for a shell of this name. */
export function isShell(name: string): name is keyof typeof SHELL_SCRIPTS {
  return Object.hasOwn(SHELL_SCRIPTS, name);
}
