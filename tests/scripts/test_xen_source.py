# SPDX-License-Identifier: MIT
"""scripts/xen-source: what it says of trees, good and bad, and how it fetches.
The trees are fake, with no line of Xen's; so is apt.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import helper

# Enough of a tree: what is looked for, and nothing else.
FILES = {
    "xen/Makefile": "export XEN_VERSION       = 4\n"
                    "export XEN_SUBVERSION    = 17\n"
                    "export XEN_EXTRAVERSION ?= .9$(XEN_VENDORVERSION)\n",
    "xen/common/page_alloc.c": "static long outstanding_claims;\n",
    "xen/common/memory.c": "\n",
    "xen/common/compat/memory.c": "\n",
    "xen/arch/x86/include/asm/mm.h": "\n",
    "xen/include/public/memory.h": "#define XENMEM_claim_pages 24\n",
    "xen/arch/x86/mm.c": "",
    "xen/include/xen/sched.h": "",
    "xen/include/xlat.lst": "",
}

# apt-get, apt-cache and dpkg-source: know two versions, can fetch FETCH.
APT = r"""#!/bin/sh
call="$(basename "$0") $*"
echo "$call" >>"$FAKE/log"
case "$call" in
*indextargets*) [ -n "$MIRROR" ] && echo "$MIRROR" ;;
*" update"*)
    [ -z "$OFFLINE" ] || { echo "cannot resolve the mirror"; exit 100; } ;;
*" showsrc "*)
    [ -n "$OFFLINE" ] ||
        printf 'Version: %s\n' 4.9.0-1 4.17.5-1 ;;
*" source "*)
    for last; do :; done
    [ "$last" = "xen=$FETCH" ] || { echo "404 Not Found"; exit 100; }
    touch "xen_$FETCH.dsc" ;;
dpkg-source*) for last; do :; done; cp -r "$FAKE/tree" "$last" ;;
esac
"""


class XenSource(unittest.TestCase):

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="claimcheck-test-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.tree = self.dir / "tree"
        for name, text in FILES.items():
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_text(text)

    def run_script(self, script, *args, **env):
        """Exit code and all output."""
        done = subprocess.run(
            [script, *args], stdin=subprocess.DEVNULL, timeout=helper.PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **env))
        return done.returncode, done.stdout.decode()

    def look(self, *args):
        return self.run_script(helper.ROOT / "scripts/xen-source", "--tree",
                               self.tree, *args)

    def test_a_tree(self):
        code, text = self.look()
        self.assertEqual(code, 0, text)
        self.assertIn("version:  Xen 4.17.9\n", text)
        self.assertIn("origin:   no package, no commit\n", text)
        self.assertIn("has       claims:", text)
        self.assertIn("has       host-wide-count:", text)
        self.assertIn("has not   llc-colouring:", text)
        self.assertEqual(self.look("--path"), (0, f"{self.tree}\n"))

    def test_features_are_found_by_looking(self):
        file = self.tree / "xen/common/page_alloc.c"
        file.write_text("if ( llc_coloring_enabled ) PGC_extra\n")
        text = self.look()[1]
        self.assertIn("has       llc-colouring:", text)
        self.assertIn("has       extra-pages:", text)
        self.assertIn("has not   host-wide-count:", text)
        self.assertIn("has not   stash:", text)
        file = self.tree / "xen/include/xen/sched.h"
        file.write_text("struct page_info *pending_scrub;\n")
        self.assertIn("has       stash:", self.look()[1])

    def test_package_and_commit(self):
        (self.tree / "debian").mkdir()
        changes = self.tree / "debian/changelog"
        changes.write_text("xen (4.17.9-2) sid; urgency=low\n")
        self.assertIn("origin:   Debian's source package xen 4.17.9-2 (sid)",
                      self.look()[1])
        changes.unlink()
        git = ["git", "-C", str(self.tree), "-c", "user.name=n", "-c",
               "user.email=e"]
        for words in ("init -q", "add .", "commit -q -m one"):
            subprocess.run([*git, *words.split()], check=True)
        commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True,
                                stdout=subprocess.PIPE).stdout.decode()
        self.assertIn(f"origin:   commit {commit[:12]}", self.look()[1])

    def refused(self, *texts):
        code, said = self.look()
        self.assertEqual(code, 2, said)
        for text in texts:
            self.assertIn(text, said)

    def test_no_tree(self):
        for name in ("xen/common/page_alloc.c", "xen/common/memory.c"):
            (self.tree / name).rename(self.tree / "kept")
            self.refused(f"{self.tree}: no Xen source tree: {name} was "
                         "looked for there", "the folder that holds xen/")
            (self.tree / "kept").rename(self.tree / name)
        shutil.rmtree(self.tree)
        self.refused(f"{self.tree}: no such folder")

    def test_build_refuses_what_is_no_tree(self):
        (self.tree / "xen/include/xlat.lst").unlink()
        code, said = self.run_script(helper.ROOT / "scripts/xen-build",
                                     "--tree", self.tree)
        self.assertEqual(code, 2, said)
        self.assertIn("xen/include/xlat.lst was looked for there", said)

    def test_too_old(self):
        (self.tree / "xen/arch/x86/include/asm/mm.h").unlink()
        make = self.tree / "xen/Makefile"
        make.write_text(make.read_text().replace("= 17", "= 11"))
        self.refused("Xen 4.11.9 is too old", "xen/arch/x86/include/asm/mm.h",
                     "4.17 or later")

    def test_no_version(self):
        (self.tree / "xen/Makefile").write_text("all:\n")
        self.refused("xen/Makefile: no version: XEN_VERSION and")

    def test_no_claims(self):
        (self.tree / "xen/include/public/memory.h").write_text("\n")
        self.refused("no memory claims: XENMEM_claim_pages was looked for in "
                     "xen/include/public/memory.h")

    # ---- fetching: in a copy of the scripts, whose build/ is its own ----

    def fetch(self, mirror="mirror suite main Debian", without="", **env):
        """The copy's exit code and output."""
        copy = self.dir / "copy"
        if not copy.exists():
            shutil.copytree(helper.ROOT / "scripts", copy / "scripts",
                            symlinks=True)
            (self.dir / "bin").mkdir()
        for name in ("apt-get", "apt-cache", "dpkg-source"):
            tool = self.dir / "bin" / name
            tool.write_text(APT)
            tool.chmod(0o755)
        path = os.environ["PATH"]
        if without:
            # A PATH with nothing but what the script needs.
            path = str(self.dir / "few")
            pathlib.Path(path).mkdir()
            for name in ("bash", "env", "python3", "dirname", "basename",
                         "dpkg"):
                os.symlink(shutil.which(name) or name, f"{path}/{name}")
            (self.dir / "bin" / without).unlink()
        return self.run_script(
            copy / "scripts/xen-source", "--path", FAKE=str(self.dir),
            MIRROR=mirror, PATH=f"{self.dir / 'bin'}:{path}", **env)

    def test_newest_that_can_be_fetched(self):
        code, text = self.fetch(FETCH="4.9.0-1")
        self.assertEqual(code, 0, text)
        self.assertTrue(text.endswith("/build/xen-source/xen_4.9.0-1\n"), text)
        log = (self.dir / "log").read_text()
        # The newest was tried first: 4.17 comes after 4.9.
        self.assertLess(log.index("xen=4.17.5-1"), log.index("xen=4.9.0-1"))
        # Every call but the question for mirrors works in a folder of ours.
        for line in log.splitlines():
            if "indextargets" not in line and "dpkg-source" not in line:
                self.assertIn("build/xen-source/apt.conf", line)
        # It is there now: nothing is asked again.
        self.assertEqual(self.fetch(FETCH="none"), (code, text))
        self.assertEqual((self.dir / "log").read_text(), log)

    def test_cannot_be_fetched(self):
        code, text = self.fetch(FETCH="none")
        self.assertEqual(code, 77, text)
        self.assertIn("none of the listed versions (4.17.5-1, 4.9.0-1) can "
                      "be fetched", text)
        self.assertIn("404 Not Found", text)

    def test_offline(self):
        code, text = self.fetch(OFFLINE="1", FETCH="")
        self.assertEqual(code, 77, text)
        self.assertIn("knows no source package xen", text)
        self.assertIn("cannot resolve the mirror", text)

    def test_no_mirror(self):
        for mirror in ("", "mirror suite contrib Debian",
                       "mirror suite main Other"):
            code, text = self.fetch(mirror, FETCH="4.17.5-1")
            self.assertEqual(code, 77, text)
            self.assertIn("no Debian mirror with the component main", text)

    def test_no_apt(self):
        code, text = self.fetch(without="dpkg-source", FETCH="4.17.5-1")
        self.assertEqual(code, 77, text)
        self.assertIn("no dpkg-source", text)

    def test_what_is_fetched_is_looked_at(self):
        (self.tree / "xen/common/memory.c").unlink()
        code, text = self.fetch(FETCH="4.17.5-1")
        self.assertEqual(code, 2, text)
        self.assertIn("no Xen source tree", text)
        self.assertFalse((self.dir / "copy/build/xen-source/tree").exists())


if __name__ == "__main__":
    unittest.main()
