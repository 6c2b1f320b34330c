# What bash completes, from what the program says.
. "$(dirname "$case")/../../../tools/completion.bash"

# completes WORD WORDS...: the last of the words is being typed.
completes() {
    local wanted=$1
    shift
    COMP_WORDS=(imgmill "$@")
    COMP_CWORD=$#
    _imgmill "$IMGMILL" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}" 2>"$err"
    [ "${COMPREPLY[*]}" = "$wanted" ]
    verdict "$*: $wanted (it is ${COMPREPLY[*]})"
}

completes 'convert' con
completes '--recursive --resize --readers --retries --resume' convert a.jpg --re
completes '--flatten' convert --flatt
completes 'process' convert --backend pr
completes 'fail salvage' convert --on-corrupt ''
completes '' convert --output ''
completes '' info --resize ''
completes '--sandbox' info --sa
completes 'jpeg' convert -f j
completes 'png pnm' convert --format p
