# SPDX-License-Identifier: MIT
"""The workflows, as far as they can be judged without GitHub: YAML that means
what was intended, scripts, flags, targets and paths that exist, actions that
are pinned, keys and contexts that there are.
"""

import itertools
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from collections.abc import Callable

from helper import ROOT

from claimcheck import ossfuzz, ossfuzz_build, paths

try:
    import yaml
except ImportError:
    print("cannot run here: no YAML reader; apt-get install python3-yaml")
    sys.exit(77)

sys.path.insert(0, str(ROOT / "tests/ci"))
import jobs  # noqa: E402
from jobs import FOLDER, load  # noqa: E402

FOR_OSSFUZZ = ROOT / "projects/claimcheck"
JOB_KEYS = {"name", "needs", "if", "runs-on", "container", "permissions",
            "timeout-minutes", "strategy", "concurrency", "env", "steps",
            "continue-on-error", "outputs", "defaults", "services"}
STEP_KEYS = {"name", "id", "if", "uses", "with", "run", "env", "shell",
             "working-directory", "continue-on-error", "timeout-minutes"}
# Of the inputs of each action, those that are of use here.
ACTION_INPUTS = {
    "google/clusterfuzzlite/actions/build_fuzzers": {
        "language", "sanitizer", "dry-run", "github-token", "upload-build",
        "storage-repo", "storage-repo-branch",
        "storage-repo-branch-coverage"},
    "google/clusterfuzzlite/actions/run_fuzzers": {
        "fuzz-seconds", "sanitizer", "mode", "dry-run", "github-token",
        "storage-repo", "storage-repo-branch",
        "storage-repo-branch-coverage", "parallel-fuzzing", "output-sarif",
        "minimize-crashes", "report-unreproducible-crashes"},
    "github/codeql-action/upload-sarif": {"sarif_file", "checkout_path",
                                          "category"},
    "actions/checkout": {"fetch-depth", "ref"},
    "actions/cache": {"path", "key", "restore-keys"},
    "actions/upload-artifact": {"name", "path", "if-no-files-found",
                                "retention-days"},
}
MODES = {"code-change", "batch", "prune", "coverage"}
CONTEXTS = {"github", "matrix", "secrets", "runner", "env", "steps"}


class Workflows(unittest.TestCase):
    FILES = sorted(FOLDER.glob("*.yml"))

    def jobs(self):
        for file in self.FILES:
            for name, job in load(file)["jobs"].items():
                yield f"{file.name}: {name}", job, load(file)["jobs"]

    def steps(self):
        for where, job, _ in self.jobs():
            for number, step in enumerate(job["steps"]):
                yield f"{where}: step {number}", job, step

    def test_structure(self):
        self.assertGreaterEqual(len(self.FILES), 5)
        for file in self.FILES:
            flow = load(file)
            self.assertLessEqual({"name", "on", "permissions", "jobs"},
                                 set(flow), file)
        for where, job, others in self.jobs():
            self.assertLessEqual(set(job), JOB_KEYS, where)
            self.assertIn("runs-on", job, where)
            needs = job.get("needs", [])
            for need in [needs] if isinstance(needs, str) else needs:
                self.assertIn(need, others, where)
        for where, _, step in self.steps():
            self.assertLessEqual(set(step), STEP_KEYS, where)
            self.assertEqual(("run" in step) + ("uses" in step), 1, where)

    def test_actions(self):
        for where, job, step in self.steps():
            if "uses" not in step:
                continue
            action, _, version = step["uses"].partition("@")
            self.assertIn(action, ACTION_INPUTS, where)
            self.assertRegex(version, r"^(v\d+|[0-9a-f]{40})$", where)
            given = step.get("with", {})
            self.assertLessEqual(set(given), ACTION_INPUTS[action], where)
            if "mode" in given:
                self.assertIn(given["mode"], MODES, where)
            self.sanitizers_exist(where, job, given)

    def sanitizers_exist(self, where, job, given):
        wanted = given.get("sanitizer", "address")
        if wanted == "${{ matrix.sanitizer }}":
            wanted = job["strategy"]["matrix"]["sanitizer"]
        for name in [wanted] if isinstance(wanted, str) else wanted:
            self.assertIn(("libfuzzer", name), ossfuzz_build.COMBINATIONS,
                          where)

    def test_expressions(self):
        for where, job, step in self.steps():
            for inner in re.findall(r"\$\{\{\s*(.*?)\s*\}\}",
                                    yaml.dump(step)):
                context, _, rest = inner.partition(".")
                self.assertIn(context, CONTEXTS, where)
                if context == "matrix":
                    for row in jobs.rows(job):
                        self.assertIn(rest, row, where)

    def test_commands(self):
        """Each command is a script of ours, and it knows these flags."""
        seen = set()
        for where, job, step in self.steps():
            for line in step.get("run", "").splitlines():
                words = shlex.split(re.sub(r"\$\{\{.*?\}\}", "VALUE", line))
                script = ROOT / words[0]
                self.assertTrue(os.access(script, os.X_OK), where)
                seen.add(words[0])
                flags = [w for w in words[1:] if w.startswith("-")]
                if flags:
                    verbs = itertools.takewhile(
                        lambda word: word not in flags, words[1:])
                    usage = subprocess.run(
                        [script, *verbs, "--help"], stdout=subprocess.PIPE,
                        check=True).stdout.decode()
                    for flag in flags:
                        self.assertRegex(usage, rf"(?m)(^|\s){flag}\b",
                                         where)
        self.assertLessEqual({".ci/run", "scripts/fuzz"}, seen)

    def test_what_is_run_when(self):
        """A pull request: regressions, a minute a target, some mutants, each
        compiler; at night: what takes hours."""
        def commands(name):
            return "\n".join(text for job, its in load(FOLDER / name)[
                "jobs"].items() for _, text, _ in jobs.steps(
                    FOLDER / name, job, its))
        ci, night = commands("ci.yml"), commands("nightly.yml")
        self.assertIn("pull_request", load(FOLDER / "ci.yml")["on"])
        self.assertIn("schedule", load(FOLDER / "nightly.yml")["on"])
        for words in (".ci/run", "--engine afl --seconds 60",
                      "--engine libfuzzer --seconds 60",
                      "scripts/mutants --unit --sample", "--compiler gcc",
                      "--compiler clang-14", "--compiler clang-16",
                      "--compiler clang-19", "--only workflows"):
            self.assertIn(words, ci)
        for words in ("--on xen --jobs 2 --seconds 3600", "--engine afl",
                      "--xen 4.17", "--xen 4.20", "scripts/hunt"):
            self.assertIn(words, night)
        self.assertEqual(load(FOLDER / "nightly.yml")["jobs"]["exhaustive"][
            "env"], {"CLAIMCHECK_SWEEP": "all"})

    def test_engines(self):
        flow = load(FOLDER / "ci.yml")
        self.assertEqual(
            set(flow["jobs"]["fuzz"]["strategy"]["matrix"]["engine"]),
            {"libfuzzer", "afl"})

    def test_artefacts_are_where_scripts_put_them(self):
        known = ("build/junit", "build/coverage/",
                 "build/coverage-tests/", "build/campaign/",
                 "build/live", "build/matrix.", "build/hunt")
        for where, _, step in self.steps():
            if "upload-artifact" in step.get("uses", ""):
                for path in step["with"]["path"].split():
                    self.assertTrue(path.startswith(known), where)

    def test_whoever_uploads_alerts_may(self):
        uploads = 0
        for file in self.FILES:
            flow = load(file)
            for name, job in flow["jobs"].items():
                if "upload-sarif" in yaml.dump(job):
                    given = job.get("permissions", flow["permissions"])
                    self.assertEqual(given["security-events"], "write",
                                     f"{file.name}: {name}")
                    uploads += 1
        self.assertGreaterEqual(uploads, 3)

    def test_all_targets_are_named(self):
        for file in FOLDER.glob("cflite_*.yml"):
            for target in paths.targets():
                self.assertIn(target, file.read_text(), file)

    def test_bad_workflows_are_seen(self):
        """The rules above can fail."""
        good = load(FOLDER / "cflite_pr.yml")
        step = good["jobs"]["fuzz"]["steps"][2]
        changes: tuple[Callable[[dict], None], ...] = (
            lambda s: s.update(uses=s["uses"].split("@")[0]),
            lambda s: s["with"].update(modus="batch"),
            lambda s: s["with"].update(mode="night"),
            lambda s: s["with"].update(sanitizer="thread"))
        for change in changes:
            bad = yaml.safe_load(yaml.dump(step))
            change(bad)
            job = dict(good["jobs"]["fuzz"], steps=[bad])
            with unittest.mock.patch.object(
                    Workflows, "steps", return_value=[("bad", job, bad)]):
                with self.assertRaises(AssertionError):
                    Workflows().test_actions()


class Project(unittest.TestCase):
    """What ClusterFuzzLite and OSS-Fuzz read."""

    def test_project_yaml(self):
        project = yaml.safe_load(
            (ROOT / ".clusterfuzzlite/project.yaml").read_text())
        self.assertEqual(project["language"], "c")
        checked = {s for e, s in ossfuzz_build.COMBINATIONS
                   if e == "libfuzzer"}
        self.assertLessEqual(set(project["sanitizers"]), checked)

    def test_submission_waits_for_what_is_to_be_filled_in(self):
        text = "\n".join(ossfuzz.check_submission(FOR_OSSFUZZ))
        for what in "homepage", "main_repo", "primary_contact", "Dockerfile":
            self.assertIn(what, text)
        with tempfile.TemporaryDirectory() as folder:
            for file in FOR_OSSFUZZ.iterdir():
                filled = file.read_text()
                for old, new in (("<mail address", "a@b.org <mail address"),
                                 ("<https", "https://b.org <https")):
                    filled = filled.replace(old, new)
                (pathlib.Path(folder) / file.name).write_text(
                    re.sub(r" <[^<>]+>", "", filled))
            self.assertEqual(
                ossfuzz.check_submission(pathlib.Path(folder)), [])

    def test_submission_is_the_same_project(self):
        """The same image, packages and sanitizers as ClusterFuzzLite's."""
        here, there = (yaml.safe_load((folder / "project.yaml").read_text())
                       for folder in (ROOT / ".clusterfuzzlite", FOR_OSSFUZZ))
        self.assertLessEqual(here.items(), there.items())
        heads = [re.findall(r"(?m)^(?:FROM .*|    cmake .*)$",
                            (folder / "Dockerfile").read_text())
                 for folder in (ROOT / ".clusterfuzzlite", FOR_OSSFUZZ)]
        self.assertEqual(*heads)
        self.assertEqual(len(heads[0]), 2)

    def test_dockerfile(self):
        text = (ROOT / ".clusterfuzzlite/Dockerfile").read_text()
        text = text.replace("\\\n", " ")
        steps = [line.split(None, 1) for line in text.splitlines()
                 if line and line[0] != "#"]
        self.assertEqual(steps[0][0], "FROM")
        self.assertIn("base-builder", steps[0][1])
        for word, rest in steps:
            if word == "COPY":
                for source in rest.split()[:-1]:
                    self.assertTrue((ROOT / source).exists(), rest)
        # What the build needs beyond the image's compilers.
        for package in ("cmake", "ninja-build", "zip", "libxen-dev",
                        "libxxhash-dev"):
            self.assertIn(package, text)


if __name__ == "__main__":
    unittest.main()
