# Completes backportq, and backportq as a command of git, in fish.
# Written by python -m backportq.cli.docs.completion from the program's own help; do not edit.

function __backportq_verbs
    printf '%s\t%s\n' 'init' 'find upstream and stable branches, and start a queue' 'scan' 'bring the queue up to date with the history' 'pending' 'list the pending items, and whether they apply' 'status' 'count items by branch and person' 'mine' 'list what you have to do, on all branches' 'show' 'show everything known of one commit' 'landed' 'list what was picked to a branch, with evidence' 'tag' 'nominate commits after the fact' 'untag' 'withdraw nominations that people made' 'assign' 'give items to a person' 'unassign' 'take items from their person' 'take' 'assign items to yourself and start on them' 'hand-back' 'give an item back, with a reason' 'decline' 'refuse a backport, with a reason' 'defer' 'put an item off until a date' 'reopen' 'make a closed or deferred item pending again' 'priority' 'say how urgent items are' 'note' 'write a note on an item' 'need' 'record what an item needs first' 'link' 'say that one commit is the pick of another' 'approve' 'vote for a backport' 'object' 'vote against a backport, with a reason' 'try' 'test-apply commits, in memory' 'explain' 'say why a pick conflicts and what it needs' 'pick' 'make the real pick on a topic branch' 'apply' 'build a branch with every item that applies' 'suggest' 'list untagged commits that look like fixes to take' 'stats' 'show who backports how much, and how late' 'backtest' 'say what each list would have been worth in the past' 'report' 'write a report as HTML, markdown or CSV' 'mail' 'write mails to the people with tasks' 'board' 'show the queue full-screen in the terminal' 'check' 'say whether a branch is ready for a release' 'release-notes' 'list what a branch took since its last release' 'lint' 'check the tags of commits' 'hook' 'install hooks that check tags' 'people' 'list and edit the people who get tasks' 'edit' 'open a queue file in your editor, and check it' 'log' 'show who decided what, and when' 'undo' 'take back the last change of the queue' 'sync' 'exchange the queue with a remote' 'path' 'print where the queue is kept'
end

# The options of a command.
function __backportq_options
    switch "$argv[1]"
        case 'init'
            printf '%s\t%s\n' '--upstream' 'where fixes land first' '--branch' 'a stable branch' '--dialect' 'how tags are written (xen, linux, ...)' '--remote' 'take branches from this remote' '--force' 'replace the configuration of an existing queue' '--baseline' 'scan too, and close what was passed over until now, or the DATE or TAG' '--yes' 'with --baseline: do not ask' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'scan'
            printf '%s\t%s\n' '--fetch' 'fetch the remote first, with your own git' '--dry-run' 'say what would change' '--warnings' 'list every warning' '--baseline' 'close what was passed over until now, or until the DATE or TAG given' '--yes' 'with --baseline: do not ask' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'pending'
            printf '%s\t%s\n' '--mine' 'only what is assigned to you' '--assignee' 'only what is assigned to this person' '--unassigned' 'only what nobody has' '--overdue' 'only what is past the day it was wanted by' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--state' 'only pending, in-progress, deferred or waiting' '--verdict' 'only clean, conflict or empty' '--priority' 'only security, high, normal or low' '--by' 'in order of likely (the default), branch, age or author' '--all' 'all rows, also what was passed over so often that it is folded away' '--limit' 'at most so many rows' '--since' 'only what upstream got on this day or later' '--branch' 'only this stable branch' '--fetch' 'in a partial clone: fetch the contents that are missing, as git\'s own commands do' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'status'
            printf '%s\t%s\n' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'mine'
            printf '%s\t%s\n' '--branch' 'only this stable branch' '--all' 'all rows, also where they are more than a screen' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'show'
            printf '%s\t%s\n' '--diff' 'compare each pick with the original, as git range-diff does' '--branch' 'only this stable branch' '--fetch' 'in a partial clone: fetch the contents that are missing, as git\'s own commands do' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'landed'
            printf '%s\t%s\n' '--reverted' 'only picks that were reverted' '--staged' 'only picks that are on the staging branch alone' '--unexplained' 'list instead the branch\'s commits that no evidence shows to be picks' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'tag'
            printf '%s\t%s\n' '--branch' 'only this stable branch' '--priority' 'how urgent it is' '--note' 'why, in your words' '--reason' 'why, in your words' '--force' 'also what landed, was declined, or is not upstream' '--merges' 'also the merges of ranges' '--mail' 'a mail or mbox that asks' '--from' 'a list kept elsewhere' '--label' 'with --from: how labels look, such as \'backport-{branch}\'' '--yes' 'with --mail or --from: do not ask whether it was understood' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'untag' 'unassign' 'reopen' 'priority' 'approve'
            printf '%s\t%s\n' '--branch' 'only this stable branch' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--yes' 'with --query: do not ask whether these are meant' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'assign'
            printf '%s\t%s\n' '--to' 'a key, name or mail' '--auto' 'to whom the project\'s rules say, with the reason' '--propose' 'say to whom and why, write nothing' '--capacity' 'with --auto: how many items a person has at most' '--due' 'when it is wanted by' '--reason' 'with --to: why this person' '--note' 'with --to: why this person' '--branch' 'only this stable branch' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--yes' 'with --query: do not ask whether these are meant' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'take'
            printf '%s\t%s\n' '--force' 'also what is assigned to somebody else' '--branch' 'only this stable branch' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--yes' 'with --query: do not ask whether these are meant' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'hand-back' 'object'
            printf '%s\t%s\n' '--reason' 'the reason' '--note' 'the reason' '--branch' 'only this stable branch' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--yes' 'with --query: do not ask whether these are meant' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'decline'
            printf '%s\t%s\n' '--reason' 'the reason' '--note' 'the reason' '--older' 'also on all older branches that have it' '--branch' 'only this stable branch' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--yes' 'with --query: do not ask whether these are meant' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'defer'
            printf '%s\t%s\n' '--until' 'the day it is due again: 2026-07-01, 2w, 10d' '--reason' 'what it waits for' '--note' 'what it waits for' '--branch' 'only this stable branch' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--yes' 'with --query: do not ask whether these are meant' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'note'
            printf '%s\t%s\n' '--note' 'the note' '--reason' 'the note' '--append' 'add to the note instead of replacing it' '--branch' 'only this stable branch' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--yes' 'with --query: do not ask whether these are meant' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'need'
            printf '%s\t%s\n' '--branch' 'only this stable branch' '--remove' 'forget these instead' '--from-explain' 'those that \'backportq explain\' finds on the one --branch' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'link'
            printf '%s\t%s\n' '--branch' 'the branch, if several have PICK' '--all-proposed' 'take all picks that scan proposes, on all branches or on BRANCH' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'try'
            printf '%s\t%s\n' '--onto' 'apply to this: any revision, or a version' '--branch' 'apply to this: any revision, or a version' '--stdin' 'read lines \'COMMIT REV\' from standard input' '--mainline' 'for merges: the parent to compare with' '--exit-code' 'exit with 1 unless everything applies' '--fetch' 'in a partial clone: fetch the contents that are missing, as git\'s own commands do' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'explain'
            printf '%s\t%s\n' '--branch' 'only this stable branch' '--short' 'the answer alone, no places of the conflict' '--limit' 'try at most N commits as prerequisites' '--seconds' 'search for about S seconds at most' '--fetch' 'in a partial clone: fetch the contents that are missing, as git\'s own commands do' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'pick'
            printf '%s\t%s\n' '--branch' 'the stable branch to pick for' '--onto' 'the topic branch' '--append' 'pick on top of the topic branch as it is' '--force' 'replace an existing topic branch' '--adopt' 'pick nothing: tell the queue of picks that the topic branch has already' '--again' 'also what the branch has already' '--from-alternative' 'take the pick of another stable branch that applies' '--mainline' 'for merges: the parent to compare with' '--merges' 'also the merges of ranges' '--style' 'how the message names the original' '--signoff' 'sign the picks off' '--no-signoff' 'sign the picks off' '--note' 'one line: how the pick differs from the original' '--push' 'push the topic branch for review, as [publish] of the configuration says' '--push-option' 'tell the server this as well' '--push-as' 'the branch or full ref there, such as refs/for/B' '--format-patch' 'write the picks there, for \'git send-email\'' '--continue' 'commit what was resolved, and pick the rest' '--skip' 'leave the conflicting commit out, and pick the rest' '--abort' 'give up: nothing of the pick remains' '--resolver-only' 'only show what backportq.resolver makes of conflicts' '--no-resolver' 'leave conflicts to people' '--exec' 'what a resolver\'s result must pass' '--timeout' 'end that --exec after so long, as 90s or 20m' '--status' 'list the picks in progress' '--print' 'print the plain git commands that do the same' '--fetch' 'in a partial clone: fetch the contents that are missing, as git\'s own commands do' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'apply'
            printf '%s\t%s\n' '--onto' 'the topic branch' '--append' 'build on top of the topic branch as it is' '--force' 'replace an existing topic branch' '--mine' 'only what is assigned to you' '--assignee' 'only what is assigned to this person' '--priority' 'only security, high, normal or low' '--verdict' 'only what is clean, conflict or empty on the tip alone' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--with-prerequisites' 'where an item conflicts, pick first what it needs' '--exec' 'run this on each pick' '--timeout' 'end a --exec after this long, such as 90s, 20m or 2h' '--keep-going' 'go on after a --exec that failed' '--push' 'push the topic branch for review, as [publish] of the configuration says' '--push-option' 'tell the server this as well' '--push-as' 'the branch or full ref there, such as refs/for/B' '--format-patch' 'write the picks there, for \'git send-email\'' '--style' 'how messages name the originals' '--signoff' 'sign the picks off' '--no-signoff' 'sign the picks off' '--dry-run' 'say what would be done, and write nothing' '--no-record' 'make the branch, and leave the queue as it is: nothing is in progress' '--resolver-only' 'only show what backportq.resolver makes of what conflicts' '--fetch' 'in a partial clone: fetch the contents that are missing, as git\'s own commands do' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'suggest'
            printf '%s\t%s\n' '--limit' 'so many a branch' '--tag' 'nominate these rows, by their numbers' '--explain' 'say of one commit how likely it is on BRANCH' '--learn' 'learn from the past, for everybody with this queue' '--judge' 'ask your own judge about N rows' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'stats'
            printf '%s\t%s\n' '--year' 'only backports of this year' '--plan' 'what cadences would cost: \'every 6 months, support 18+18' '--months' 'with --plan: how far ahead' '--all' 'also stable branches that are not configured' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'backtest'
            printf '%s\t%s\n' '--from' 'judge from this day on' '--to' 'judge up to this day' '--svg' 'draw precision against recall into this file' '--write' 'write the figures into this Markdown page, as a section' '--branch' 'only this stable branch' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'report'
            printf '%s\t%s\n' '--html' 'write pages into this folder, those that changed' '--serve' 'with --html: show it on this machine, and anew whenever something moves' '--port' 'with --serve: the port' '--markdown' 'write a table in markdown' '--csv' 'write a table for spreadsheets' '--title' 'with --html: the project\'s name' '--commit-url' 'with --html: links to commits, with {commit} for the id' '--url' 'with --html: where the pages will be' '--plan' 'with --html: a page on what these cadences cost' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'mail'
            printf '%s\t%s\n' '--to' 'only to this person' '--branch' 'only this stable branch' '--query' 'items such as \'branch:B unassigned -verdict:conflict\'' '--out' 'one file each, for git send-email' '--mbox' 'one new mbox' '--send' 'send through the server of git\'s sendemail.*' '--again' 'also what was mailed lately, or may have arrived' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'board'
            printf '%s\t%s\n' '--read-only' 'decide nothing, only look' '--theme' 'whose colours: the terminal\'s own, or of a dark or light screen' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'check'
            printf '%s\t%s\n' '--at-least' 'the lowest priority that stands in the way' '--exit-code' 'what it does anyway' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'release-notes'
            printf '%s\t%s\n' '--since' 'a tag or commit' '--markdown' 'write markdown instead of plain text' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--branch' 'the same as BRANCH' '--help' 'explain the command'
        case 'lint'
            printf '%s\t%s\n' '--write' 'add the line that a reminder suggests to the message in FILE' '--strict' 'exit with 1 for warnings and reminders too' '--format' 'how to print findings' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'hook'
            printf '%s\t%s\n' '--force' 'also in a folder that other repositories share, or what was edited since' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'people'
            printf '%s\t%s\n' '--key' 'add: the key' '--mail' 'add: a further address' '--area' 'add: paths that they know' '--branch' 'add: a branch that they look after' '--capacity' 'add: how many open items they take at a time' '--away-until' 'add: the day on which they are back' '--no-mail' 'add: gets no mail from this program' '--wants-mail' 'add: gets no mail from this program' '--no-tasks' 'add: is never proposed for a task' '--takes-tasks' 'add: is never proposed for a task' '--from' 'import: only from this source' '--since' 'import: count commits from this day on' '--least' 'import: only people with at least so many commits' '--dry-run' 'say what would be done, and write nothing' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'edit'
            printf '%s\t%s\n' '--branch' 'the items of this stable branch' '--closed' 'the closed items of the branch' '--resume' 'go on with a text that was refused' '--help' 'explain the command'
        case 'log'
            printf '%s\t%s\n' '--branch' 'only this stable branch' '--limit' 'at most so many changes' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'undo' 'path'
            printf '%s\t%s\n' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
        case 'sync'
            printf '%s\t%s\n' '--no-push' 'only take what the remote has' '--dry-run' 'fetch, and say what a sync would do' '--restore' 'put back what was deleted or rewritten on the remote' '--accept' 'take a rewritten remote as it is, with what was decided here since' '--verdicts' 'also publish what \'pending\' found here, for clones that take it' '--install-merge-driver' 'let \'git merge\' merge queue branches item by item, too' '--json' 'print one JSON document instead of text' '--toml' 'print that document as TOML, without the keys that are null' '--help' 'explain the command'
    end
end

# What an option takes; - for what cannot be completed, nothing where it takes nothing.
function __backportq_taken
    switch "$argv[1]:$argv[2]"
        case 'init:--upstream' 'init:--branch' 'init:-b' 'try:--onto' 'try:--branch' 'try:-b' 'release-notes:--since'
            printf '%s\n' 'REV'
        case 'init:--dialect'
            printf '%s\n' 'DIALECT'
        case 'init:--remote' 'pick:--push' 'apply:--push'
            printf '%s\n' 'REMOTE'
        case 'scan:--branch' 'scan:-b' 'pending:--branch' 'pending:-b' 'status:--branch' 'status:-b' 'mine:--branch' 'mine:-b' 'show:--branch' 'show:-b' 'landed:--branch' 'landed:-b' 'tag:--branch' 'tag:-b' 'untag:--branch' 'untag:-b' 'assign:--branch' 'assign:-b' 'unassign:--branch' 'unassign:-b' 'take:--branch' 'take:-b' 'hand-back:--branch' 'hand-back:-b' 'decline:--branch' 'decline:-b' 'defer:--branch' 'defer:-b' 'reopen:--branch' 'reopen:-b' 'priority:--branch' 'priority:-b' 'note:--branch' 'note:-b' 'need:--branch' 'need:-b' 'link:--branch' 'link:-b' 'approve:--branch' 'approve:-b' 'object:--branch' 'object:-b' 'explain:--branch' 'explain:-b' 'pick:--branch' 'pick:-b' 'apply:--branch' 'apply:-b' 'suggest:--branch' 'suggest:-b' 'stats:--branch' 'stats:-b' 'backtest:--branch' 'backtest:-b' 'report:--branch' 'report:-b' 'mail:--branch' 'mail:-b' 'board:--branch' 'board:-b' 'check:--branch' 'check:-b' 'release-notes:--branch' 'release-notes:-b' 'people:--branch' 'people:-b' 'edit:--branch' 'edit:-b' 'log:--branch' 'log:-b'
            printf '%s\n' 'BRANCH'
        case 'pending:--assignee' 'assign:--to' 'apply:--assignee' 'mail:--to'
            printf '%s\n' 'PERSON'
        case 'pending:--query' 'pending:-q' 'untag:--query' 'untag:-q' 'assign:--query' 'assign:-q' 'unassign:--query' 'unassign:-q' 'take:--query' 'take:-q' 'hand-back:--query' 'hand-back:-q' 'decline:--query' 'decline:-q' 'defer:--query' 'defer:-q' 'reopen:--query' 'reopen:-q' 'priority:--query' 'priority:-q' 'note:--query' 'note:-q' 'approve:--query' 'approve:-q' 'object:--query' 'object:-q' 'apply:--query' 'apply:-q' 'mail:--query' 'mail:-q'
            printf '%s\n' 'QUERY'
        case 'pending:--state'
            printf '%s\n' 'STATE'
        case 'pending:--verdict' 'apply:--verdict'
            printf '%s\n' 'VERDICT'
        case 'pending:--priority' 'apply:--priority' 'check:--at-least'
            printf '%s\n' 'PRIORITY'
        case 'pending:--by' 'pending:--limit' 'pending:--since' 'tag:--note' 'tag:--reason' 'tag:-m' 'tag:--label' 'assign:--capacity' 'assign:--due' 'assign:--reason' 'assign:--note' 'assign:-m' 'hand-back:--reason' 'hand-back:--note' 'hand-back:-m' 'decline:--reason' 'decline:--note' 'decline:-m' 'defer:--until' 'defer:--reason' 'defer:--note' 'defer:-m' 'note:--note' 'note:--reason' 'note:-m' 'object:--reason' 'object:--note' 'object:-m' 'try:--mainline' 'try:-m' 'explain:--limit' 'explain:--seconds' 'pick:--onto' 'pick:--mainline' 'pick:--note' 'pick:-m' 'pick:--push-option' 'pick:-o' 'pick:--push-as' 'pick:--exec' 'pick:-x' 'pick:--timeout' 'apply:--onto' 'apply:--exec' 'apply:-x' 'apply:--timeout' 'apply:--push-option' 'apply:-o' 'apply:--push-as' 'suggest:--limit' 'suggest:--tag' 'suggest:--judge' 'stats:--year' 'stats:--plan' 'stats:--months' 'backtest:--from' 'backtest:--to' 'report:--port' 'report:--title' 'report:--commit-url' 'report:--url' 'report:--plan' 'people:--key' 'people:--mail' 'people:--capacity' 'people:--away-until' 'people:--since' 'people:--least' 'log:--limit' 'log:-n'
            printf '%s\n' '-'
        case 'tag:--priority'
            printf '%s\n' 'security|high|normal|low'
        case 'tag:--mail' 'tag:--from' 'pick:--format-patch' 'apply:--format-patch' 'backtest:--svg' 'backtest:--write' 'report:--html' 'mail:--out' 'mail:--mbox' 'people:--area'
            printf '%s\n' 'FILE'
        case 'pick:--style' 'apply:--style'
            printf '%s\n' 'STYLE'
        case 'suggest:--explain'
            printf '%s\n' 'COMMIT'
        case 'board:--theme'
            printf '%s\n' 'terminal|dark|light'
        case 'lint:--format'
            printf '%s\n' 'text|json|github|gitlab|sarif'
        case 'people:--from'
            printf '%s\n' 'history|maintainers|codeowners'
    end
end

# What stands at a place among the arguments of a command.
function __backportq_argument
    switch "$argv[1]:$argv[2]"
        case 'init:0'
            printf '%s\n' 'DATE|TAG'
        case 'show:0' 'need:0' 'explain:0' 'lint:0'
            printf '%s\n' 'COMMIT'
        case 'landed:0' 'explain:1' 'apply:0' 'check:0' 'release-notes:0'
            printf '%s\n' 'BRANCH'
        case 'priority:0'
            printf '%s\n' 'PRIORITY'
        case 'mail:0'
            printf '%s\n' 'call|help|queued|reminder|escalation'
        case 'hook:0'
            printf '%s\n' 'install|remove'
        case 'people:0'
            printf '%s\n' 'list|add|remove|import'
        case 'people:1'
            printf '%s\n' 'PERSON'
        case 'edit:0'
            printf '%s\n' 'BRANCH|config|people'
        case 'log:0'
            printf '%s\n' 'COMMIT|BRANCH'
        case 'undo:0'
            printf '%s\n' '-'
        case 'sync:0'
            printf '%s\n' 'REMOTE'
        case 'scan:*' 'pending:*' 'status:*' 'show:*' 'suggest:*' 'stats:*' 'backtest:*' 'report:*' 'mail:*' 'board:*'
            printf '%s\n' 'BRANCH'
        case 'mine:*'
            printf '%s\n' 'PERSON|BRANCH'
        case 'tag:*' 'untag:*' 'assign:*' 'unassign:*' 'take:*' 'hand-back:*' 'decline:*' 'defer:*' 'reopen:*' 'priority:*' 'note:*' 'need:*' 'link:*' 'approve:*' 'object:*' 'try:*' 'pick:*'
            printf '%s\n' 'COMMIT|BRANCH'
        case 'hook:*'
            printf '%s\n' '-'
    end
end

# The words of a kind of which there are few.
function __backportq_words
    switch "$argv[1]"
        case 'DIALECT'
            printf '%s\n' 'xen' 'linux' 'mesa' 'qemu' 'dpdk' 'freebsd' 'networkmanager' 'systemd' 'django' 'haproxy' 'postgresql' 'generic'
        case 'PRIORITY'
            printf '%s\n' 'security' 'high' 'normal' 'low'
        case 'STATE'
            printf '%s\n' 'pending' 'in-progress' 'deferred' 'waiting'
        case 'STYLE'
            printf '%s\n' 'cherry-pick' 'xen' 'linux' 'upstream-commit' 'dpdk' 'django' 'none'
        case 'VERDICT'
            printf '%s\n' 'clean' 'conflict' 'empty'
        case '*'
            return 1
    end
end


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
