/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: xen_version. The host is the release that it follows,
 * and names claimcheck where Xen says who built it. Results are Xen's.
 */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/version.h>

/* Domains here are 64-bit PV. */
#define CAPABILITIES "xen-3.0-x86_64 "
/* Where Xen begins, below which a guest ends. */
#define VIRT_START MACH2PHYS_VIRT_START
/* "4.20.3" as 4 << 16 | 20, and the rest, ".3". */
static long version_of(enum release release, const char **rest)
{
    char *end;
    unsigned long major = strtoul(release_name(release), &end, 10);
    unsigned long minor = strtoul(end + (*end == '.'), &end, 10);

    *rest = end;

    return (long)(major << 16 | minor);
}

static long put_text(uint64_t to, const char *text, size_t size)
{
    xen_capabilities_info_t whole = { 0 };
    size_t len = strlen(text);

    memcpy(whole, text, len < size ? len : size - 1);
    return preload_write(to, whole, size) ? 0 : -EFAULT;
}

static long extraversion(uint64_t to, const char *rest)
{
    xen_extraversion_t text;

    snprintf(text, sizeof(text), "%s-claimcheck", rest);
    return put_text(to, text, sizeof(text));
}

static long compile_info(uint64_t to)
{
    const struct xen_compile_info info = {
        .compiler = "none",
        .compile_by = "claimcheck",
        .compile_domain = "none",
        .compile_date = "none",
    };

    return preload_write(to, &info, sizeof(info)) ? 0 : -EFAULT;
}

/* Those that a PV dom0 gets and that concern memory_op or who it is. */
static long features(uint64_t at)
{
    struct xen_feature_info info;

    if ( !preload_read(&info, at, sizeof(info)) )
        return -EFAULT;
    if ( info.submap_idx )
        return -EINVAL;
    info.submap = 1U << XENFEAT_memory_op_vnode_supported | 1U << XENFEAT_dom0;

    return preload_write(at, &info, sizeof(info)) ? 0 : -EFAULT;
}

long preload_version(const struct preload_host *p, uint64_t cmd, uint64_t arg)
{
    const struct xen_platform_parameters platform = { VIRT_START };
    const xen_domain_handle_t dom0 = { 0 };
    const char *rest;
    long version = version_of(p->release, &rest);

    switch ( cmd )
    {
    case XENVER_version: return version;
    case XENVER_pagesize: return PAGE_BYTES;
    case XENVER_extraversion: return extraversion(arg, rest);
    case XENVER_compile_info: return compile_info(arg);
    case XENVER_get_features: return features(arg);
    case XENVER_build_id: return -ENODATA;

    case XENVER_capabilities:
        return put_text(arg, CAPABILITIES, sizeof(xen_capabilities_info_t));
    case XENVER_changeset:
        return put_text(arg, "unavailable", sizeof(xen_changeset_info_t));
    case XENVER_commandline:
        return put_text(arg, "", sizeof(xen_commandline_t));
    case XENVER_platform_parameters:
        return preload_write(arg, &platform, sizeof(platform)) ? 0 : -EFAULT;
    case XENVER_guest_handle:
        return preload_write(arg, dom0, sizeof(dom0)) ? 0 : -EFAULT;
    }

    return -ENOSYS;
}
