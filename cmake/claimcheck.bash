# SPDX-License-Identifier: MIT
# bash completion for claimcheck: the program itself says what there is.

_claimcheck()
{
    local program=$1 word=$2 before=$3 verb=${COMP_WORDS[1]}
    local words=""
    COMPREPLY=()

    if [ "$COMP_CWORD" -eq 1 ]; then
        words="$("$program" --list verbs 2> /dev/null) --help --list --man --version"
    elif [ "$verb" = --list ]; then
        words="verbs implementations releases faults"
    else
        case $before in
        --on) words=$("$program" --list implementations 2> /dev/null) ;;
        --release) words=$("$program" --list releases 2> /dev/null) ;;
        --fault) words=$("$program" --list faults 2> /dev/null)
                 [ "$verb" != hunt ] || words="$words all none" ;;
        --kind) words="narrow wide" ;;
        --engine) words="generator mutator bytes" ;;
        *)  case $word in
            -*) words="$("$program" "$verb" --help 2> /dev/null |
                         grep -oE '^  --?[a-z][a-z-]*') --help" ;;
            esac ;;
        esac
    fi
    # What a path completes to goes beside the names: plug-ins, corpus files.
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    if [ "$COMP_CWORD" -gt 1 ] && [ ${#COMPREPLY[@]} -eq 0 ]; then
        compopt -o default 2> /dev/null
    fi
}

complete -F _claimcheck claimcheck
