/* SPDX-License-Identifier: MIT */
/* The stub once more, as a whole hypervisor from a plug-in: whatever the
 * program sees of it must be what it sees of its own. */
#include "hypervisor/plugin.h"
#include "stub/stub.h"

static bool open_stub(struct hypervisor *h, const char *fault,
                      const char **why)
{
    const struct stub_options options = { .fault = fault };

    return stub_open(h, &options, why);
}

const struct claimcheck_plugin claimcheck_plugin = {
    CLAIMCHECK_PLUGIN_HEAD,
    .name = "stub-plugin",
    .open = open_stub,
};
