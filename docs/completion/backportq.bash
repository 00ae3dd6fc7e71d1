# shellcheck shell=bash
# Completes backportq, and backportq as a command of git, in bash.
# Written by python -m backportq.cli.docs.completion from the program's own help; do not edit.

__backportq_verbs() {
    printf '%s\n' init scan pending status mine show landed tag untag assign unassign take hand-back decline defer reopen priority note need link approve object try explain pick apply suggest stats backtest report mail board check release-notes lint hook people edit log undo sync path
}

# The options of a command.
__backportq_options() {
    case "$1" in
    init) printf '%s\n' --upstream --branch --dialect --remote --force --baseline --yes --json --toml --help ;;
    scan) printf '%s\n' --fetch --dry-run --warnings --baseline --yes --json --toml --branch --help ;;
    pending) printf '%s\n' --mine --assignee --unassigned --overdue --query --state --verdict --priority --by --all --limit --since --branch --fetch --json --toml --help ;;
    status) printf '%s\n' --json --toml --branch --help ;;
    mine) printf '%s\n' --branch --all --json --toml --help ;;
    show) printf '%s\n' --diff --branch --fetch --json --toml --help ;;
    landed) printf '%s\n' --reverted --staged --unexplained --json --toml --branch --help ;;
    tag) printf '%s\n' --branch --priority --note --reason --force --merges --mail --from --label --yes --dry-run --json --toml --help ;;
    untag | \
    unassign | \
    reopen | \
    priority | \
    approve) printf '%s\n' --branch --query --yes --dry-run --json --toml --help ;;
    assign) printf '%s\n' --to --auto --propose --capacity --due --reason --note --branch --query --yes --dry-run --json --toml --help ;;
    take) printf '%s\n' --force --branch --query --yes --dry-run --json --toml --help ;;
    hand-back | \
    object) printf '%s\n' --reason --note --branch --query --yes --dry-run --json --toml --help ;;
    decline) printf '%s\n' --reason --note --older --branch --query --yes --dry-run --json --toml --help ;;
    defer) printf '%s\n' --until --reason --note --branch --query --yes --dry-run --json --toml --help ;;
    note) printf '%s\n' --note --reason --append --branch --query --yes --dry-run --json --toml --help ;;
    need) printf '%s\n' --branch --remove --from-explain --dry-run --json --toml --help ;;
    link) printf '%s\n' --branch --all-proposed --dry-run --json --toml --help ;;
    try) printf '%s\n' --onto --branch --stdin --mainline --exit-code --fetch --json --toml --help ;;
    explain) printf '%s\n' --branch --short --limit --seconds --fetch --json --toml --help ;;
    pick) printf '%s\n' --branch --onto --append --force --adopt --again --from-alternative --mainline --merges --style --signoff --no-signoff --note --push --push-option --push-as --format-patch --continue --skip --abort --resolver-only --no-resolver --exec --timeout --status --print --fetch --json --toml --help ;;
    apply) printf '%s\n' --onto --append --force --mine --assignee --priority --verdict --query --with-prerequisites --exec --timeout --keep-going --push --push-option --push-as --format-patch --style --signoff --no-signoff --dry-run --no-record --resolver-only --fetch --json --toml --branch --help ;;
    suggest) printf '%s\n' --limit --tag --explain --learn --judge --dry-run --json --toml --branch --help ;;
    stats) printf '%s\n' --year --plan --months --all --json --toml --branch --help ;;
    backtest) printf '%s\n' --from --to --svg --write --branch --json --toml --help ;;
    report) printf '%s\n' --html --serve --port --markdown --csv --title --commit-url --url --plan --json --toml --branch --help ;;
    mail) printf '%s\n' --to --branch --query --out --mbox --send --again --dry-run --json --toml --help ;;
    board) printf '%s\n' --read-only --theme --branch --help ;;
    check) printf '%s\n' --at-least --exit-code --json --toml --branch --help ;;
    release-notes) printf '%s\n' --since --markdown --json --toml --branch --help ;;
    lint) printf '%s\n' --write --strict --format --json --toml --help ;;
    hook) printf '%s\n' --force --json --toml --help ;;
    people) printf '%s\n' --key --mail --area --branch --capacity --away-until --no-mail --wants-mail --no-tasks --takes-tasks --from --since --least --dry-run --json --toml --help ;;
    edit) printf '%s\n' --branch --closed --resume --help ;;
    log) printf '%s\n' --branch --limit --json --toml --help ;;
    undo | \
    path) printf '%s\n' --json --toml --help ;;
    sync) printf '%s\n' --no-push --dry-run --restore --accept --verdicts --install-merge-driver --json --toml --help ;;
    esac
}

# What an option takes; - for what cannot be completed, nothing where it takes nothing.
__backportq_taken() {
    case "$1:$2" in
    init:--upstream | \
    init:--branch | \
    init:-b | \
    try:--onto | \
    try:--branch | \
    try:-b | \
    release-notes:--since) printf '%s\n' REV ;;
    init:--dialect) printf '%s\n' DIALECT ;;
    init:--remote | \
    pick:--push | \
    apply:--push) printf '%s\n' REMOTE ;;
    scan:--branch | \
    scan:-b | \
    pending:--branch | \
    pending:-b | \
    status:--branch | \
    status:-b | \
    mine:--branch | \
    mine:-b | \
    show:--branch | \
    show:-b | \
    landed:--branch | \
    landed:-b | \
    tag:--branch | \
    tag:-b | \
    untag:--branch | \
    untag:-b | \
    assign:--branch | \
    assign:-b | \
    unassign:--branch | \
    unassign:-b | \
    take:--branch | \
    take:-b | \
    hand-back:--branch | \
    hand-back:-b | \
    decline:--branch | \
    decline:-b | \
    defer:--branch | \
    defer:-b | \
    reopen:--branch | \
    reopen:-b | \
    priority:--branch | \
    priority:-b | \
    note:--branch | \
    note:-b | \
    need:--branch | \
    need:-b | \
    link:--branch | \
    link:-b | \
    approve:--branch | \
    approve:-b | \
    object:--branch | \
    object:-b | \
    explain:--branch | \
    explain:-b | \
    pick:--branch | \
    pick:-b | \
    apply:--branch | \
    apply:-b | \
    suggest:--branch | \
    suggest:-b | \
    stats:--branch | \
    stats:-b | \
    backtest:--branch | \
    backtest:-b | \
    report:--branch | \
    report:-b | \
    mail:--branch | \
    mail:-b | \
    board:--branch | \
    board:-b | \
    check:--branch | \
    check:-b | \
    release-notes:--branch | \
    release-notes:-b | \
    people:--branch | \
    people:-b | \
    edit:--branch | \
    edit:-b | \
    log:--branch | \
    log:-b) printf '%s\n' BRANCH ;;
    pending:--assignee | \
    assign:--to | \
    apply:--assignee | \
    mail:--to) printf '%s\n' PERSON ;;
    pending:--query | \
    pending:-q | \
    untag:--query | \
    untag:-q | \
    assign:--query | \
    assign:-q | \
    unassign:--query | \
    unassign:-q | \
    take:--query | \
    take:-q | \
    hand-back:--query | \
    hand-back:-q | \
    decline:--query | \
    decline:-q | \
    defer:--query | \
    defer:-q | \
    reopen:--query | \
    reopen:-q | \
    priority:--query | \
    priority:-q | \
    note:--query | \
    note:-q | \
    approve:--query | \
    approve:-q | \
    object:--query | \
    object:-q | \
    apply:--query | \
    apply:-q | \
    mail:--query | \
    mail:-q) printf '%s\n' QUERY ;;
    pending:--state) printf '%s\n' STATE ;;
    pending:--verdict | \
    apply:--verdict) printf '%s\n' VERDICT ;;
    pending:--priority | \
    apply:--priority | \
    check:--at-least) printf '%s\n' PRIORITY ;;
    pending:--by | \
    pending:--limit | \
    pending:--since | \
    tag:--note | \
    tag:--reason | \
    tag:-m | \
    tag:--label | \
    assign:--capacity | \
    assign:--due | \
    assign:--reason | \
    assign:--note | \
    assign:-m | \
    hand-back:--reason | \
    hand-back:--note | \
    hand-back:-m | \
    decline:--reason | \
    decline:--note | \
    decline:-m | \
    defer:--until | \
    defer:--reason | \
    defer:--note | \
    defer:-m | \
    note:--note | \
    note:--reason | \
    note:-m | \
    object:--reason | \
    object:--note | \
    object:-m | \
    try:--mainline | \
    try:-m | \
    explain:--limit | \
    explain:--seconds | \
    pick:--onto | \
    pick:--mainline | \
    pick:--note | \
    pick:-m | \
    pick:--push-option | \
    pick:-o | \
    pick:--push-as | \
    pick:--exec | \
    pick:-x | \
    pick:--timeout | \
    apply:--onto | \
    apply:--exec | \
    apply:-x | \
    apply:--timeout | \
    apply:--push-option | \
    apply:-o | \
    apply:--push-as | \
    suggest:--limit | \
    suggest:--tag | \
    suggest:--judge | \
    stats:--year | \
    stats:--plan | \
    stats:--months | \
    backtest:--from | \
    backtest:--to | \
    report:--port | \
    report:--title | \
    report:--commit-url | \
    report:--url | \
    report:--plan | \
    people:--key | \
    people:--mail | \
    people:--capacity | \
    people:--away-until | \
    people:--since | \
    people:--least | \
    log:--limit | \
    log:-n) printf '%s\n' - ;;
    tag:--priority) printf '%s\n' 'security|high|normal|low' ;;
    tag:--mail | \
    tag:--from | \
    pick:--format-patch | \
    apply:--format-patch | \
    backtest:--svg | \
    backtest:--write | \
    report:--html | \
    mail:--out | \
    mail:--mbox | \
    people:--area) printf '%s\n' FILE ;;
    pick:--style | \
    apply:--style) printf '%s\n' STYLE ;;
    suggest:--explain) printf '%s\n' COMMIT ;;
    board:--theme) printf '%s\n' 'terminal|dark|light' ;;
    lint:--format) printf '%s\n' 'text|json|github|gitlab|sarif' ;;
    people:--from) printf '%s\n' 'history|maintainers|codeowners' ;;
    esac
}

# What stands at a place among the arguments of a command.
__backportq_argument() {
    case "$1:$2" in
    init:0) printf '%s\n' 'DATE|TAG' ;;
    show:0 | \
    need:0 | \
    explain:0 | \
    lint:0) printf '%s\n' COMMIT ;;
    landed:0 | \
    explain:1 | \
    apply:0 | \
    check:0 | \
    release-notes:0) printf '%s\n' BRANCH ;;
    priority:0) printf '%s\n' PRIORITY ;;
    mail:0) printf '%s\n' 'call|help|queued|reminder|escalation' ;;
    hook:0) printf '%s\n' 'install|remove' ;;
    people:0) printf '%s\n' 'list|add|remove|import' ;;
    people:1) printf '%s\n' PERSON ;;
    edit:0) printf '%s\n' 'BRANCH|config|people' ;;
    log:0) printf '%s\n' 'COMMIT|BRANCH' ;;
    undo:0) printf '%s\n' - ;;
    sync:0) printf '%s\n' REMOTE ;;
    scan:* | \
    pending:* | \
    status:* | \
    show:* | \
    suggest:* | \
    stats:* | \
    backtest:* | \
    report:* | \
    mail:* | \
    board:*) printf '%s\n' BRANCH ;;
    mine:*) printf '%s\n' 'PERSON|BRANCH' ;;
    tag:* | \
    untag:* | \
    assign:* | \
    unassign:* | \
    take:* | \
    hand-back:* | \
    decline:* | \
    defer:* | \
    reopen:* | \
    priority:* | \
    note:* | \
    need:* | \
    link:* | \
    approve:* | \
    object:* | \
    try:* | \
    pick:*) printf '%s\n' 'COMMIT|BRANCH' ;;
    hook:*) printf '%s\n' - ;;
    esac
}

# The words of a kind of which there are few.
__backportq_words() {
    case "$1" in
    DIALECT) printf '%s\n' xen linux mesa qemu dpdk freebsd networkmanager systemd django haproxy postgresql generic ;;
    PRIORITY) printf '%s\n' security high normal low ;;
    STATE) printf '%s\n' pending in-progress deferred waiting ;;
    STYLE) printf '%s\n' cherry-pick xen linux upstream-commit dpdk django none ;;
    VERDICT) printf '%s\n' clean conflict empty ;;
    *) return 1 ;;
    esac
}


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
