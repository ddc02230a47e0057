# SPDX-License-Identifier: MIT
"""Where a C file can be mutated, and into what: from clang's syntax tree.

A mutant is one replaced piece of text. Its place comes from the tree (`clang
-Xclang -ast-dump=json`), so that comments, declarations and types are never
taken for code; what it becomes is text, so that rows of macro tables can be
mutated as well. Not here: compiling and judging (mutants_judge.py).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import tools
from .errors import HARNESS, Failure

Node = dict[str, Any]

# What an operator becomes.
BINARY = {
    "<": ("<=", "!=", ">="), "<=": ("<", ">"), ">": (">=", "!=", "<="),
    ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
    "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("*",),
    "<<": (">>",), ">>": ("<<",), "&": ("|",), "|": ("&",), "^": ("|",),
    "&&": ("||", "| 1 &&", "&& 1 |"), "||": ("&&", "& 0 ||", "|| 0 &"),
    "+=": ("-=",), "-=": ("+=",), "|=": ("&=",), "&=": ("|=",),
    "^=": ("|=",), "<<=": (">>=",), ">>=": ("<<=",), "*=": ("/=",),
}
UNARY = {"!": "!!", "-": " ", "~": " ", "++": "--", "--": "++"}
# Checks of the code itself: without them the program does the same.
NO_CODE = re.compile(r"(assert|\w*BUG_IF|MARK|MARK_IF|_Static_assert"
                     r"|locks_none_held)\b")
CONSTANT = re.compile(r"[A-Z_][A-Z0-9_]*\b(?!\s*\()")
DELETED = ("CallExpr", "CompoundAssignOperator", "BreakStmt", "ContinueStmt")
BODIES = ("IfStmt", "ForStmt", "WhileStmt", "DoStmt", "CaseStmt",
          "DefaultStmt")


@dataclass(frozen=True)
class Mutant:
    """One replaced piece of a file. function: the one it is in."""

    file: str  # from the root of the tree
    start: int
    end: int
    text: str  # what stands there instead
    function: str

    def apply(self, source: str) -> str:
        """The mutated file; it has as many lines."""
        lines = source.count("\n", self.start, self.end)
        return (source[:self.start] + self.text + "\n" * (
            lines - self.text.count("\n")) + source[self.end:])

    def line(self, source: str) -> int:
        """Its first line, from 1."""
        return source.count("\n", 0, self.start) + 1

    def before_after(self, source: str) -> tuple[str, str]:
        """The lines that it changes, as one: without and with it."""
        first = source.rfind("\n", 0, self.start) + 1
        last = source.find("\n", self.end)
        last = len(source) if last < 0 else last
        before = source[first:last]
        after = (source[first:self.start] + self.text
                 + source[self.end:last])
        return squeeze(before), squeeze(after)


def squeeze(text: str) -> str:
    """White space does not count, nor do macros' line ends."""
    return " ".join(text.replace("\\\n", " ").split()).rstrip(" \\")


@dataclass(frozen=True)
class Spot:
    """Where a token is written, and where it is used (macros)."""

    file: str
    offset: int
    end: int
    used_file: str
    used: int


class Tree:
    """The syntax tree of one file. clang names a file only where it differs
    from that of the place printed before, so the tree is walked once, in
    order, and each node's range replaced by what is meant."""

    def __init__(self, command: list[str], folder: str) -> None:
        words = [w for w in command[1:] if w not in ("-Werror", "-c")]
        if "-o" in words:
            at = words.index("-o")
            del words[at:at + 2]
        done = subprocess.run(
            [tools.llvm("clang"), *words, "-w", "-fsyntax-only", "-Xclang",
             "-ast-dump=json"], cwd=folder, stdin=subprocess.DEVNULL,
            capture_output=True)
        if done.returncode != 0:
            raise Failure(f"clang: {command[-1]}: "
                          + done.stderr.decode(errors="replace").strip(),
                          HARNESS)
        self.root: Node = json.loads(done.stdout)
        self.file = ""
        self.resolve(self.root)

    def bare(self, loc: Node) -> tuple[str, int, int] | None:
        """A place as clang prints it; None: it has none."""
        self.file = loc.get("file", self.file)
        if "offset" not in loc:
            return None
        return self.file, loc["offset"], loc["offset"] + loc["tokLen"]

    def spot(self, loc: Node) -> Spot | None:
        """A place, resolved."""
        if "spellingLoc" not in loc:
            plain = self.bare(loc)
            return plain and Spot(*plain, plain[0], plain[1])
        spelled = self.bare(loc["spellingLoc"])
        used = self.bare(loc["expansionLoc"])
        if not spelled or not used:
            return None
        return Spot(*spelled, used[0], used[1])

    def resolve(self, node: Node) -> None:
        """Replace the places of a node and of all below."""
        for key, value in node.items():
            if key == "loc":
                self.spot(value)
            elif key == "range":
                node[key] = (self.spot(value["begin"]),
                             self.spot(value["end"]))
            elif key == "inner":
                for child in value:
                    self.resolve(child)
            elif isinstance(value, dict):
                self.resolve(value)


class Finder:
    """The mutants of some files, from the tree of one that includes them."""

    def __init__(self, tree: Tree, sources: dict[str, str],
                 names: dict[str, str]) -> None:
        self.sources = sources  # path: text, of the files to mutate
        self.names = names  # path: what the file is called
        self.found: dict[tuple[str, int, int, str], Mutant] = {}
        self.function = ""
        self.returns = ""
        for node in tree.root.get("inner", []):
            if node["kind"] == "FunctionDecl":
                self.function = node["name"]
                self.returns = node["type"]["qualType"].split("(")[0].strip()
                self.visit(node, None)
            elif node["kind"] == "VarDecl":
                self.function = node["name"]
                self.visit(node, None)

    # ---- text ----

    def place(self, spot: Spot | None) -> tuple[str, int] | None:
        """Where an expression begins in a file to mutate: where it is written,
        else where the macro is used that makes it."""
        if spot is None:
            return None
        if spot.file in self.sources:
            return spot.file, spot.offset
        if spot.used_file in self.sources:
            return spot.used_file, spot.used
        return None

    def written(self, node: Node) -> tuple[str, int, int] | None:
        """The text of an expression, if all of it is written in one file."""
        first, last = node["range"]
        if not first or not last or first.file not in self.sources \
                or last.file != first.file or last.end <= first.offset:
            return None
        return first.file, first.offset, last.end

    def add(self, file: str, start: int, end: int, *texts: str) -> None:
        """Mutants, once each."""
        for text in texts:
            if self.sources[file][start:end] != text:
                self.found.setdefault((file, start, end, text), Mutant(
                    self.names[file], start, end, text, self.function))

    # ---- the walk ----

    def visit(self, node: Node, parent: Node | None) -> None:
        """A node, then those below."""
        kind = node.get("kind", "")
        if "range" in node:
            first = node["range"][0]
            if first and first.used_file in self.sources and NO_CODE.match(
                    self.sources[first.used_file], first.used):
                return
            method = getattr(self, "at_" + kind, None)
            if method:
                method(node, parent)
            if parent and (parent["kind"] == "CompoundStmt" or (
                    parent["kind"] in BODIES and node is not parent[
                        "inner"][0])):
                self.delete(node, parent)
        for child in node.get("inner", []):
            self.visit(child, node)

    def delete(self, node: Node, parent: Node) -> None:
        """A statement without which the function still compiles."""
        kind = node["kind"]
        assigns = kind == "BinaryOperator" and node["opcode"] == "="
        counts = kind == "UnaryOperator" and node["opcode"] in ("++", "--")
        ends = kind == "ReturnStmt" and not node.get("inner")
        if parent["kind"] == "ForStmt" and node is not parent["inner"][-1]:
            return
        place = self.place(node["range"][0])
        if not place or not (kind in DELETED or assigns or counts or ends):
            return
        end = end_of(self.sources[place[0]], place[1], ";")
        if end is not None:
            self.add(place[0], place[1], end, "")

    def at_BinaryOperator(self, node: Node, parent: Node | None) -> None:
        """Another operator."""
        opcode = node["opcode"]
        right = node["inner"][1]["range"][0]
        if not right or opcode not in BINARY:
            return
        # What stands to its right may be a macro, of this file or another.
        for file, start in ((right.file, right.offset),
                            (right.used_file, right.used)):
            text = self.sources.get(file, "")[:start].rstrip(" \t\n\\")
            # A macro's use may follow a comment, which ends with a slash.
            if text.endswith(opcode) and not text.endswith("*/"):
                self.add(file, len(text) - len(opcode), len(text),
                         *BINARY[opcode])
                return

    at_CompoundAssignOperator = at_BinaryOperator

    def at_UnaryOperator(self, node: Node, parent: Node | None) -> None:
        """No operator, or the opposite."""
        opcode = node["opcode"]
        # The other way, a loop would count for ever.
        if opcode not in UNARY or (parent and parent["kind"] == "ForStmt"):
            return
        first, last = node["range"]
        if not first or not last:
            return
        at = (last.file, last.end - len(opcode)) if node.get("isPostfix") \
            else (first.file, first.offset)
        if at[0] in self.sources and self.sources[at[0]].startswith(
                opcode, at[1]):
            self.add(*at, at[1] + len(opcode), UNARY[opcode])

    def condition(self, node: Node, *values: int) -> None:
        """It is made, and what comes out does not matter."""
        written = self.written(node)
        if written:
            file, start, end = written
            text = self.sources[file][start:end]
            if balanced(text):
                self.add(file, start, end,
                         *(f"(({text}), {v})" for v in values))

    def at_IfStmt(self, node: Node, parent: Node | None) -> None:
        """Always, and never."""
        self.condition(node["inner"][0], 0, 1)

    at_ConditionalOperator = at_IfStmt

    def at_WhileStmt(self, node: Node, parent: Node | None) -> None:
        """Never."""
        self.condition(node["inner"][0], 0)

    def at_IntegerLiteral(self, node: Node, parent: Node | None) -> None:
        """One more, one less; of a named constant, too."""
        first = node["range"][0]
        if not first:
            return
        if first.file in self.sources:
            text = self.sources[first.file][first.offset:first.end]
            self.add(first.file, first.offset, first.end, f"({text} + 1)",
                     *([f"({text} - 1)"] if node["value"] != "0" else []))
        elif first.used_file in self.sources:
            self.name(first.used_file, first.used)

    def name(self, file: str, start: int) -> None:
        """A constant by its name."""
        source = self.sources[file]
        for word, other in (("true", "false"), ("false", "true")):
            if re.compile(word + r"\b").match(source, start):
                self.add(file, start, start + len(word), other)
        match = CONSTANT.match(source, start)
        if match and match[0] not in ("NULL", "__LINE__"):
            self.add(file, start, match.end(), f"({match[0]} + 1)",
                     f"({match[0]} - 1)")

    def at_DeclRefExpr(self, node: Node, parent: Node | None) -> None:
        """A constant of an enum."""
        first = node["range"][0]
        if first and first.file in self.sources and node.get(
                "referencedDecl", {}).get("kind") == "EnumConstantDecl":
            self.name(first.file, first.offset)

    def at_ReturnStmt(self, node: Node, parent: Node | None) -> None:
        """Another value."""
        place = self.place(node["range"][0])
        if not place or not node.get("inner"):
            return
        file, start = place
        start += len("return")
        end = end_of(self.sources[file], start, ";")
        if end is None:
            return
        value = self.sources[file][start:end].strip()
        if self.returns in ("bool", "_Bool"):
            self.add(file, start, end, f" !({value})")
        elif self.returns.endswith("*"):
            self.add(file, start, end, " NULL")
        elif value != "0":
            self.add(file, start, end, " 0", f" ({value}) + 1")
        else:
            self.add(file, start, end, " 1")


def end_of(text: str, start: int, stop: str) -> int | None:
    """Where `stop` stands, outside of all brackets that open after start."""
    depth = 0
    for at in range(start, len(text)):
        if text[at] == stop and depth == 0:
            return at
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth < 0:
            return None
    return None


def balanced(text: str) -> bool:
    """Do its brackets close?"""
    return end_of(text + ";", 0, ";") == len(text)


def find(root: Path, commands: dict[str, tuple[list[str], str]],
         files: list[str]) -> Iterator[Mutant]:
    """The mutants of these files, headers after the file that includes them.
    commands: {file: (compiler's words, folder)}."""
    sources = {str(root / f): (root / f).read_text() for f in files}
    names = {str(root / f): f for f in files}
    seen = set()
    for file in files:
        if file not in commands:
            continue
        tree = Tree(*commands[file])
        for mutant in Finder(tree, sources, names).found.values():
            if (mutant.file.endswith(".c") and mutant.file != file) \
                    or mutant in seen:
                continue
            # A function of a header is in each tree that includes it.
            seen.add(mutant)
            yield mutant
