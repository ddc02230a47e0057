# SPDX-License-Identifier: MIT
"""Changes to a Xen tree before it is compiled: a bug that it does not have
any more, put back; one that it has, taken out; a step of another release.
docs/findings.md says what they show. A place is a few words of a function; a
change keeps the lines, so that a report names those of the tree. The tree
itself stays as it is.

Not here: compiling (xen_build.py), what is found (docs/findings.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import output, xen_headers
from .errors import Failure

PAGE_ALLOC = "common/page_alloc.c"
MEMORY = "common/memory.c"


@dataclass(frozen=True)
class Edit:
    """In a function of a file, what a pattern finds becomes another text. The
    pattern must be there once."""

    file: str
    function: str
    pattern: str
    text: str


@dataclass(frozen=True)
class Change:
    """One that xen-build --change NAME makes."""

    name: str
    edits: tuple[Edit, ...]
    says: str


def _page_alloc(function: str, pattern: str, text: str) -> Edit:
    return Edit(PAGE_ALLOC, function, pattern, text)


def _populate(more: str) -> Edit:
    """populate_physmap allocates without scrubbing, and then does more."""
    return Edit(MEMORY, "populate_physmap",
                r"(alloc_domheap_pages\(d, a->extent_order, a->memflags)\);",
                rf"\1 | MEMF_no_scrub); {more}")


EACH_PAGE = "if ( page ) for ( j = 0; j < (1U << a->extent_order); j++ ) "
SCRUB_EACH = EACH_PAGE + "scrub_one_page(&page[j]);"
SCRUB_MARKED = (EACH_PAGE + "if ( test_and_clear_bit(_PGC_need_scrub, "
                "&page[j].count_info) ) scrub_one_page(&page[j]);")

CHANGES = (
    Change("aligned-blocks", (_page_alloc(
        "reserve_offlined_page",
        r"if \( (?=\(cur_head \+ \(1 << next_order\)\))",
        "if ( (mfn_x(page_to_mfn(cur_head)) & ((1UL << next_order) - 1)) || "
    ),), "what is left around a page out of use is aligned (71c6a62317)"),
    Change("whole-tail", (_page_alloc(
        "reserve_offlined_page", r"\(1 << next_order\)\) >=",
        "(1 << next_order)) >",
    ),), "the end of such a block is not left in single pages (5cb7ff13ee)"),
    Change("no-stale-order", (_page_alloc(
        "reserve_offlined_page", r"\bcount\+\+;",
        "PFN_ORDER(cur_head) = 0; count++;",
    ),), "a page out of use does not keep its order (14c05f26f8)"),
    Change("offlining-lost", (_page_alloc(
        "mark_page_free", r"pg_offlined = true;", "",
    ),), "a page on its way out of use is freed like any other "
        "(as before 289610483f)"),
    Change("reference-under-lock", (
        _page_alloc("offline_page",
                    r"spin_unlock\(&heap_lock\);(?=\s+if \( \(owner =)", ""),
        _page_alloc("offline_page",
                    r"(?=if \( broken \)\s+\*status \|=)",
                    "spin_unlock(&heap_lock); "),
    ), "references are dropped under heap_lock (as before d4837a56da)"),
    Change("successor-dirty-lost", (_page_alloc(
        "free_heap_pages",
        r"if \( (?=pg->u\.free\.first_dirty == INVALID_DIRTY_IDX &&\s+succ)",
        "if ( 0 && ",
    ),), "a block that merges with a dirty one behind it counts as clean "
        "(as before 1e2df96088)"),
    Change("populate-scrubs", (_populate(SCRUB_EACH),),
           "populate_physmap allocates unscrubbed pages and scrubs them "
           "itself: no bug, but what the next one needs"),
    Change("failed-assign-clean", (_populate(SCRUB_EACH), _page_alloc(
        "alloc_domheap_pages", r"memflags & MEMF_no_scrub\);", "false);",
    ),), "pages that could not be assigned go back as clean ones "
        "(as before 7d190bdde9)"),
    Change("populate-unscrubbed", (_populate(""),),
           "populate_physmap allocates unscrubbed pages, and none is marked "
           "any more when it looks for those to scrub (as before 009401506e)"),
    Change("scrub-bit-shared", (_populate(SCRUB_MARKED),),
           "the mark of a page to be scrubbed is the one of an allocated page "
           "(a draft of 83a784a15b)"),
)


def named(name: str) -> Change:
    """The change of that name."""
    for change in CHANGES:
        if change.name == name:
            return change
    raise Failure(f"--change {name}: expected "
                  + ", ".join(change.name for change in CHANGES))


def _edited(text: str, path: Path, edit: Edit) -> str:
    first, body = xen_headers.function_text(path, edit.function)
    found = len(re.findall(edit.pattern, body))
    if found != 1:
        raise Failure(f"{edit.file}: {edit.function}() has {found} places "
                      f"{edit.pattern}, expected 1: this tree cannot be "
                      "changed so")
    lines = text.splitlines()
    end = first + body.count("\n")
    new = re.sub(edit.pattern, edit.text, body).splitlines()
    return "\n".join([*lines[:first - 1], *new, *lines[end:]]) + "\n"


def apply(tree: Path, to: Path, names: Sequence[str]) -> set[str]:
    """Copies of the files that are changed, below to; their names. tree: the
    folder xen/ of a tree."""
    changed: set[str] = set()
    for name in names:
        for edit in named(name).edits:
            path = (to if edit.file in changed else tree) / edit.file
            text = _edited(path.read_text(), path, edit)
            (to / edit.file).parent.mkdir(parents=True, exist_ok=True)
            output.scratch(to / edit.file, text)
            changed.add(edit.file)
    return changed
