/* SPDX-License-Identifier: MIT */
#include "target.h"
int main(void) { return LLVMFuzzerTestOneInput(0, 0); }
