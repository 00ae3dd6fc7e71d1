"""The functions of the completion scripts that walk the line and ask the program; the tables come from `completion`.

Each shell has the same parts under the same names: `ask`, `values`, `offer` where the shell needs it, and the walk.
"""

from __future__ import annotations

BASH = r"""
# What the program knows of a kind, or of several with | between them, that begins with $2.
__backportq_ask() {
    local program=backportq
    type -P backportq >/dev/null || program=$__backportq_typed
    "$program" --complete "$1" "$2" "${__backportq_at[@]}" 2>/dev/null | while IFS=$'\t' read -r -d $'\n' value _; do
        printf '%s\n' "$value"
    done
}

# The values of one kind that begin with $2, or of several kinds with | between them, a line each.
__backportq_values() {
    local kind asked=
    for kind in ${1//|/ }; do
        case $kind in
        BRANCH | COMMIT | PERSON | QUERY | REMOTE | REV) asked+=${asked:+|}$kind ;;
        *) __backportq_words "$kind" || echo "$kind" ;;
        esac
    done
    [[ -z $asked ]] || __backportq_ask "$asked" "$2"
}

# Sets COMPREPLY to those lines of the input that begin with $1. Not by compgen -W, which expands what it is given: the
# name of a branch may be $(anything).
__backportq_offer() {
    local line
    while IFS= read -r line; do
        [[ $line == "$1"* ]] || continue
        if [[ -n $__backportq_quote ]]; then
            COMPREPLY+=("$line")
        else
            # a colon ends a word for bash, which replaces what comes after it only
            [[ $1 == *:* && $COMP_WORDBREAKS == *:* ]] && line=${line#"${1%:*}:"}
            printf -v line %q "$line" # not $(printf): a process for each answer
            COMPREPLY+=("$line")
        fi
    done
}

# Completes word number $1 of the command line that begins with the words after it; the first of these is the program.
__backportq_complete() {
    local at=$1 verb= place=0 kind= word before i
    shift
    local words=("$@") __backportq_at=() __backportq_typed=$1 __backportq_quote=
    local current=${words[at]}
    for ((i = 1; i < at; i++)); do
        word=${words[i]}
        if [[ -z $verb ]]; then
            case $word in
            -C) __backportq_at+=("${words[++i]}") ;;
            -*) ;;
            *) verb=$word ;;
            esac
        elif [[ $word == -* ]]; then
            kind=$(__backportq_taken "$verb" "$word")
            if [[ -n $kind ]]; then
                [[ ${words[i + 1]} == = ]] && ((i++))
                ((++i < at)) && kind=
            fi
        elif [[ $word != = ]]; then
            ((place++))
        fi
    done
    before=${words[at - 1]}
    COMPREPLY=()
    if [[ -z $verb ]]; then
        if [[ $before == -C ]]; then
            __backportq_offer "$current" < <(compgen -d -- "$current")
        elif [[ $current == -* ]]; then
            __backportq_offer "$current" < <(printf '%s\n' -C --no-color --no-pager --version --help)
        else
            __backportq_offer "$current" < <(__backportq_verbs)
        fi
        return
    fi
    [[ $current == = ]] && current=
    case $current in
    [\'\"]*) __backportq_quote=${current:0:1} current=${current:1} ;;
    --*=*) kind=$(__backportq_taken "$verb" "${current%%=*}") current=${current#*=} ;;
    esac
    if [[ -z $kind ]]; then
        if [[ $current == -* ]]; then
            __backportq_offer "$current" < <(__backportq_options "$verb")
            return
        fi
        kind=$(__backportq_argument "$verb" "$place")
    fi
    case $kind in
    FILE) __backportq_offer "$current" < <(compgen -f -- "$current") ;;
    '' | -) ;;
    *) __backportq_offer "$current" < <(__backportq_values "$kind" "$current") ;;
    esac
}

# bash takes a colon for a word of its own; here it belongs to the word around it.
_backportq() {
    local word joined=() at=0 i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 1)) && [[ $word == :* || ${COMP_WORDS[i - 1]} == : ]]; then
            joined[at]+=$word
        else
            ((i)) && ((++at))
            joined[at]=$word
        fi
    done
    __backportq_complete "$at" "${joined[@]}"
}

# git's own completion calls this for `git backportq`, with the words in variables of its own.
_git_backportq() {
    local start=1
    while [[ ${words[start]} != backportq ]] && ((start < cword)); do ((start++)); done
    __backportq_complete "$((cword - start))" "${words[@]:start}"
    COMPREPLY=("${COMPREPLY[@]/%/ }") # git told bash not to add the space
}

complete -F _backportq backportq git-backportq
"""

ZSH = r"""
# What the program knows of a kind, or of several with | between them, that begins with $2.
__backportq_ask() {
    local program=backportq
    (( $+commands[backportq] )) || program=${(Q)__backportq_typed}
    $program --complete "$1" "$2" "${__backportq_at[@]}" 2>/dev/null
}

# The values of one kind that begin with $2, or of several kinds with | between them, a line each.
__backportq_values() {
    local kind
    local -a asked
    for kind in ${(s:|:)1}; do
        case $kind in
        BRANCH | COMMIT | PERSON | QUERY | REMOTE | REV) asked+=$kind ;;
        *) __backportq_words $kind || print -r -- $kind ;;
        esac
    done
    (( $#asked == 0 )) || __backportq_ask ${(j:|:)asked} "$2"
}

# Offers the lines of the input: a word, and what is said of it after a tab. The arguments are options of compadd.
__backportq_offer() {
    local line
    local -a values texts
    while IFS= read -r line; do
        values+=("${line%%$'\t'*}")
        if [[ $line == *$'\t'?* ]]; then
            texts+=("${line%%$'\t'*}  -- ${line#*$'\t'}")
        else
            texts+=("${line%%$'\t'*}")
        fi
    done
    compadd "$@" -l -d texts -a values
}

_backportq() {
    emulate -L zsh
    local verb= kind= word i place=0 __backportq_typed=$words[1]
    local -a __backportq_at
    for ((i = 2; i < CURRENT; i++)); do
        word=${(Q)words[i]}
        if [[ -z $verb ]]; then
            case $word in
            -C) (( ++i < CURRENT )) && __backportq_at+=("${(Q)words[i]}") ;;
            -*) ;;
            *) verb=$word ;;
            esac
        elif [[ $word == -* ]]; then
            kind=$(__backportq_taken $verb $word)
            [[ -n $kind ]] && (( ++i < CURRENT )) && kind=
        else
            (( ++place ))
        fi
    done
    if [[ -z $verb ]]; then
        if [[ $words[CURRENT-1] == -C ]]; then
            _files -/
        elif [[ $PREFIX == -* ]]; then
            compadd -- -C --no-color --no-pager --version --help
        else
            __backportq_offer < <(__backportq_verbs)
        fi
        return
    fi
    if [[ -z $kind && $PREFIX == --*=* ]]; then
        kind=$(__backportq_taken $verb ${PREFIX%%=*})
        compset -P 1 '*='
    fi
    if [[ -z $kind ]]; then
        if [[ $PREFIX == -* ]]; then
            __backportq_offer < <(__backportq_options $verb)
            return
        fi
        kind=$(__backportq_argument $verb $place)
    fi
    case $kind in
    FILE) _files ;;
    '' | -) return 1 ;;
    QUERY) __backportq_offer -S '' < <(__backportq_values QUERY "${(Q)PREFIX}") ;;
    *) __backportq_offer < <(__backportq_values $kind "${(Q)PREFIX}") ;;
    esac
}

# Loaded by a first completion it completes at once; read by `source` it is registered.
if [[ $funcstack[1] == _backportq ]]; then
    _backportq "$@"
elif (( $+functions[compdef] )); then
    compdef _backportq backportq git-backportq
    functions[_git-backportq]='_backportq "$@"'
fi
"""

FISH = r"""
# What the program knows of a kind, or of several with | between them; $argv is KIND PREFIX [DIR]...
function __backportq_ask
    if command -q backportq
        command backportq --complete $argv 2>/dev/null
    else if command -q git-backportq
        command git-backportq --complete $argv 2>/dev/null
    end
end

# The values of one kind, or of several with | between them, a line each; $argv is KIND PREFIX [DIR]...
function __backportq_values
    set -l asked
    for kind in (string split '|' -- $argv[1])
        switch $kind
            case BRANCH COMMIT PERSON QUERY REMOTE REV
                set -a asked $kind
            case '*'
                __backportq_words $kind; or echo $kind
        end
    end
    if set -q asked[1]
        __backportq_ask (string join '|' -- $asked) $argv[2..]
    end
end

function __backportq_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct | string replace -r '^[\'"]' '')
    set -l verb ''
    set -l kind ''
    set -l place 0
    set -l folders
    set -l i 2
    while test $i -le (count $words)
        set -l word $words[$i]
        if test -z "$verb"
            switch $word
                case -C
                    set i (math $i + 1)
                    if test $i -gt (count $words)
                        __fish_complete_directories "$current"
                        return
                    end
                    set -a folders $words[$i]
                case '-*'
                case backportq
                    # the word after git; there is no command of this name
                case '*'
                    set verb $word
            end
        else if string match -q -- '-*' $word
            set kind (__backportq_taken $verb $word)
            if test -n "$kind"
                set i (math $i + 1)
                test $i -le (count $words); and set kind ''
            end
        else
            set place (math $place + 1)
        end
        set i (math $i + 1)
    end
    if test -z "$verb"
        if string match -q -- '-*' "$current"
            printf '%s\n' -C --no-color --no-pager --version --help
        else
            __backportq_verbs
        end
        return
    end
    set -l before ''
    if test -z "$kind"
        if string match -q -- '--*=*' "$current"
            set -l parts (string split -m 1 = -- $current)
            set kind (__backportq_taken $verb $parts[1])
            set before $parts[1]=
            set current $parts[2]
        else if string match -q -- '-*' "$current"
            __backportq_options $verb
            return
        else
            set kind (__backportq_argument $verb $place)
        end
    end
    switch "$kind"
        case FILE
            __fish_complete_path "$current"
        case '' -
        case '*'
            for line in (__backportq_values $kind "$current" $folders)
                printf '%s\n' $before$line
            end
    end
end

complete -c backportq -f -a '(__backportq_complete)'
complete -c git-backportq -f -a '(__backportq_complete)'
set -l of_git 'functions -q __fish_git_using_command; and __fish_git_using_command backportq'
complete -c git -n $of_git -f -a '(__backportq_complete)'
"""
