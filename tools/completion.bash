# Completion for bash: commands, flags and the words that a flag takes, as the
# program itself tells of them; files for all else. It is installed where
# bash-completion looks; or: source tools/completion.bash

# Flags of a command with what they take: "--backend process|openmp|serial".
_imgmill_flags() {
    "$1" "$2" --help 2>/dev/null |
        sed -n 's/^  \(    \|-., \)\(--[^ ]*\( [^ ]*\)\?\).*/\2/p'
}

_imgmill() {
    local program=$1 word=$2 before=$3 command=${COMP_WORDS[1]} words=
    if [ "$COMP_CWORD" = 1 ]; then
        words=$("$program" --help 2>/dev/null | sed -n 's/^  \([^ ]*\) .*/\1/p')
    elif [[ $word == -* ]]; then
        words=$(_imgmill_flags "$program" "$command" | sed 's/[ [].*//')
    elif [[ $before == -f || $before == --format ]]; then
        words=$("$program" formats | sed 's/ .*//')
    elif [[ $before == --* ]]; then
        # Alternatives in small letters are words; FILE, N and the like are not.
        words=$(_imgmill_flags "$program" "$command" |
            sed -n "s/^$before \([a-z0-9-]*|[a-z0-9|,-]*\)$/\1/p" | tr '|' '\n')
    fi
    COMPREPLY=()
    [ -z "$words" ] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o default -F _imgmill imgmill
