/** A shell whose completion is known. */
export type Shell = 'bash' | 'zsh' | 'fish';

/**
 * Returns the script by which a shell asks the program itself, through its command `__complete`. That prints a
 * candidate a line, with its description after a tab, or fails where the shell is to complete the path of a file.
 */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

/** Bash splits words at = and :, and replaces what follows the last one. Names may have both, and spaces. */
const bash = `# bash completion for cutover-watch: source <(cutover-watch completion bash)
_cutover_watch() {
  local word output value quote='' glue='' count=0
  local -a words=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ $count -gt 0 && ( -n $glue || $word =~ ^[=:]+$ ) ]]; then
      words[count-1]+=$word
    else
      words[count]=$word
      count=$((count + 1))
    fi
    if [[ $word =~ ^[=:]+$ ]]; then glue=yes; else glue=''; fi
  done
  local current=\${words[count-1]}
  case $current in [\\"\\']*) quote=\${current:0:1} current=\${current:1} ;; *) current=\${current//\\\\/} ;; esac
  words[count-1]=$current
  COMPREPLY=()
  output=$("$1" __complete -- "\${words[@]}" 2>/dev/null) || { compopt -o default 2>/dev/null; return; }
  local before=\${current%"\${current##*[=:]}"}
  while IFS=$'\\t' read -r value _; do
    [[ -n $value && $value == "$current"* ]] || continue
    value=\${value#"$before"}
    [[ -n $quote ]] || printf -v value %q "$value"
    COMPREPLY+=("$value")
  done <<<"$output"
}
complete -F _cutover_watch cutover-watch
`;

const zsh = `#compdef cutover-watch
# zsh completion for cutover-watch: source <(cutover-watch completion zsh), or as _cutover-watch in a folder of $fpath
_cutover_watch() {
  local output line value
  local -a candidates
  output=$("\${words[1]}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null) || { _files; return }
  for line in "\${(@f)output}"; do
    value=\${line%%$'\\t'*}
    [[ -n $value ]] && candidates+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe cutover-watch candidates
}
if [[ $funcstack[1] == _cutover-watch ]]; then _cutover_watch "$@"; else compdef _cutover_watch cutover-watch; fi
`;

const fish = `# fish completion for cutover-watch: cutover-watch completion fish | source
function __cutover_watch
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l output ($before[1] __complete -- $before[2..] "$current" 2>/dev/null)
    or begin
        __fish_complete_path "$current"
        return
    end
    printf '%s\\n' $output
end
complete -c cutover-watch -f -a '(__cutover_watch)'
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
