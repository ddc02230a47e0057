# SPDX-License-Identifier: MIT
"""Kinds of numbers that flags of the scripts take."""

import argparse


def number(text):
    """A positive whole number, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(
            f"{text}: expected a whole number, 1 or more")
    return int(text)
