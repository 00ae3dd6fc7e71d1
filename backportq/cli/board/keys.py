"""The keys of the board, in the order of its help page."""

from __future__ import annotations

from dataclasses import dataclass

DECIDE = "decide"
LOOK = "look"
MOVE = "move"


@dataclass(frozen=True, slots=True)
class BoardKey:
    """One key: `keys` as Textual names them, separated by commas, `shown` as a person knows it; `action` is the method
    of the board, `group` where the help page has it."""

    keys: str
    action: str
    text: str
    group: str
    shown: str = ""

    @property
    def label(self) -> str:
        """How the key is written for people."""
        return self.shown or self.keys


KEYS = (
    BoardKey("j,down", "move(1)", "next row", MOVE, "j, down"),
    BoardKey("k,up", "move(-1)", "row before", MOVE, "k, up"),
    BoardKey("ctrl+d,pagedown", "page(1)", "a page down", MOVE, "page down"),
    BoardKey("ctrl+u,pageup", "page(-1)", "a page up", MOVE, "page up"),
    BoardKey("g,home", "edge(-1)", "first row", MOVE, "g, home"),
    BoardKey("G,end", "edge(1)", "last row", MOVE, "G, end"),
    BoardKey("J,shift+down", "scroll_detail(1)", "scroll the pane below", MOVE, "J"),
    BoardKey("K,shift+up", "scroll_detail(-1)", "scroll it back", MOVE, "K"),
    BoardKey("l,right", "branch(1)", "next branch", MOVE, "l, right"),
    BoardKey("h,left", "branch(-1)", "branch before; all of them come first", MOVE, "h, left"),
    BoardKey("0", "all_branches", "all branches, a row for each change", MOVE),
    BoardKey("space", "mark", "mark the row, so that the next decision is about all marked ones", DECIDE),
    BoardKey("escape", "clear", "no marks, no query", DECIDE),
    BoardKey("t", "take", "take it: yours, and begun", DECIDE),
    BoardKey("a", "assign", "assign it to somebody", DECIDE),
    BoardKey("d", "decline", "decline it, with a reason", DECIDE),
    BoardKey("w", "defer", "put it off until a day, or for a reason", DECIDE),
    BoardKey("p", "prioritise", "set its priority", DECIDE),
    BoardKey("n", "note", "write a note", DECIDE),
    BoardKey("b", "tag", "ask for it on other branches", DECIDE),
    BoardKey("P", "pick", "make the pick, in this terminal", DECIDE),
    BoardKey("u", "undo", "take back the last decision made here", DECIDE),
    BoardKey("v,enter", "enlarge", "larger pane, larger list", LOOK, "v, enter"),
    BoardKey("e", "explain", "why it conflicts, and what makes it apply", LOOK),
    BoardKey("s", "show", "everything known of it, branch by branch", LOOK),
    BoardKey("slash", "search", "search; the same again finds the next", LOOK, "/"),
    BoardKey("f", "filter", "show what a query admits, such as unassigned verdict:clean", LOOK),
    BoardKey("o", "order", "order by likelihood, branch, age, author", LOOK),
    BoardKey("z", "fold", "show what was passed over for good as well", LOOK),
    BoardKey("r", "reload", "read the queue again", LOOK),
    BoardKey("question_mark", "help", "this page", LOOK, "?"),
    BoardKey("q", "leave", "leave", LOOK),
)


def help_lines() -> list[str]:
    """Return the help page."""
    titles = {DECIDE: "Decide", LOOK: "Look", MOVE: "Move"}
    lines: list[str] = []
    for group, title in titles.items():
        lines.append(title)
        lines += [f"  {key.label:<10}  {key.text}" for key in KEYS if key.group == group]
        lines.append("")
    return [
        *lines,
        "A decision is about the row under the cursor, or about all marked rows, on the branches that these rows",
        "show. It is one change of the queue, and the row below comes under the cursor at once.",
        "",
        "Verdicts: + applies, > applies after others, ~ its pick on another branch applies, x conflicts,",
        "= changes nothing, ? not tried, . being tried. Marks: !! security, ! high priority, NAME* begun.",
    ]
