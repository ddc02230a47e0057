#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No oracle without a planted fault that it catches, and none that was never
seen to catch one; and the table of faults names nothing that does not exist.

    tests/guards/oracles.py CLAIMCHECK

Lies told to each oracle by a made-up hypervisor: tests/unit/engine_oracles.c.
"""

import collections
import json
import subprocess
import sys
import unittest

CLAIMCHECK = sys.argv.pop(1)
FAULTS_MIN = 45
# Seeds to hunt with until each invariant was seen, and runs for each fault.
SEEDS = 60
RUNS = 500
# Nothing in a hypervisor breaks what a person wrote into a litmus test: a
# wrong expectation does (broken_expectations_are_found in engine_verdicts.c).
NOT_OF_FAULTS = {"EXPECT"}
# Results of the comparison at the end of a run.
PLACES = {"drain", "end"}


def lines(*args, code=(0,)):
    done = subprocess.run([CLAIMCHECK, *args], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode not in code:
        raise AssertionError(f"{args}: exit {done.returncode}: {done.stderr}")
    return done.stdout.splitlines()


class Oracles(unittest.TestCase):
    invariants: set[str]
    operations: set[str]
    faults: list[dict]

    @classmethod
    def setUpClass(cls):
        cls.invariants = {line.split()[0] for line in lines("invariants")}
        cls.faults = [fault for fault in
                      map(json.loads, lines("faults", "--json"))
                      if not fault["unseen"]]
        # The second column of the operations' table.
        table = lines("ops")
        start = table.index("Operations") + 1
        cls.operations = set()
        for line in table[start:]:
            if not line.strip() or not line.split()[0].isdigit():
                break
            cls.operations.add(line.split()[1])

    def test_there_is_something_to_judge(self):
        self.assertGreaterEqual(len(self.invariants), 20)
        self.assertGreaterEqual(len(self.faults), FAULTS_MIN)
        self.assertGreaterEqual(len(self.operations), 15)
        self.assertLess(NOT_OF_FAULTS, self.invariants)

    def test_signatures_name_what_exists(self):
        for fault in self.faults:
            self.assertTrue(fault["signatures"], fault)
            self.assertTrue(fault["releases"], fault)
            for signature in fault["signatures"]:
                invariant, operation = signature.split("/")
                self.assertIn(invariant, self.invariants - NOT_OF_FAULTS,
                              fault)
                self.assertIn(operation, self.operations | PLACES | {"*"},
                              fault)

    def test_each_invariant_is_named(self):
        named = {signature.split("/")[0] for fault in self.faults
                 for signature in fault["signatures"]}
        self.assertEqual(named, self.invariants - NOT_OF_FAULTS)

    def test_each_invariant_was_seen_to_catch(self):
        caught: dict[str, set[str]] = collections.defaultdict(set)
        wanted = self.invariants - NOT_OF_FAULTS
        hunted = ["all"]
        for seed in range(SEEDS):
            for fault in hunted:
                self.hunt(seed, fault, caught)
            # Of the next seed only what may show an invariant that is missing.
            hunted = [
                fault["fault"] for fault in self.faults
                if {signature.split("/")[0] for signature in
                    fault["signatures"]} & (wanted - set(caught))]
        for invariant in sorted(caught):
            print(f"{invariant}: {', '.join(sorted(caught[invariant])[:3])}")
        self.assertEqual(set(caught), wanted)

    @staticmethod
    def hunt(seed, fault, caught):
        """Add what is caught to {invariant: faults}."""
        for line in lines("hunt", "--json", "--fault", fault, "--seed",
                          str(seed), "--runs", str(RUNS), code=(0, 1)):
            row = json.loads(line)
            if row["verdict"] == "caught":
                caught[row["signature"].split("/")[0]].add(row["fault"])


if __name__ == "__main__":
    unittest.main()
