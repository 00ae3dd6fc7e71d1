"""What the history says: what landed where and on what evidence, what was taken back, what is refused.

- `facts` are the values that everything else asks for. `gather` finds them out, from top to bottom; `stored_facts`
  keeps them in the `index`, where `new_commits` and `new_picks` add what came.
- What is read: `history_range`, `upstream` and what lies below (`older_commits`, `commits_below_base`), `outline`.
- `evidence` runs the sources: `links`, `pick_lines`, `identity_keys`, `patch_matches`, `subject_matches`.
- What follows for a fix: `changes`, `duplicates`, `fixes_targets`; for a branch: `branch_picks`, `reverts`,
  `refusal_lists`.
- In the index: `stored_commits`, `record_sets`.

To add a source of evidence:

1. Write a class as `links.py` or `identity_keys.py` have it: its `kind`, whether it `is_explicit`, and `explain`,
   which is given the commits of the branches that stronger sources left unexplained and returns their upstream commits.
2. Put it into `_sources` in `gather.py`, before what is weaker. A new kind also goes into `EvidenceKind`, by strength,
   and into the help of `cli/commands/landed.py`.
3. Whatever it reads besides commits, notes, links and the configuration goes into `_basis` in `stored_facts.py` too;
   else the index answers from a state that is gone.
4. If a new commit can change what it says of an older one, ask for that in `new_commits.py` and `new_picks.py`, which
   add to what the index has.
5. Describe it in `docs/landed.md`, and test it in `tests/services/history/test_evidence.py`.
"""
