# SPDX-License-Identifier: MIT
"""The Python half of scripts/: fuzzing, corpus, coverage, OSS-Fuzz check."""
