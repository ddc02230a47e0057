#!/bin/bash -eu
# SPDX-License-Identifier: MIT
# OSS-Fuzz builds by the script that lies in the repository.
exec bash -eu "$SRC/claimcheck/.clusterfuzzlite/build.sh"
