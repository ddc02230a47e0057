/* SPDX-License-Identifier: MIT */
/* Records of raw calls: what the fuzzed bytes of a structure mean, field by field. */
#include "program_random.h"

/* One record: its head, with command word and structure filled in, as text. */
static void record_is(uint8_t raw, uint8_t caller, uint8_t arg, uint8_t base,
                      const char *text)
{
    static struct program p;
    uint8_t bytes[HEADER_BYTES + RESERVATION_BYTES] = {
        FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_RESERVATION,
        RELEASE_4_20,
        0x10,
        63,
        raw,
        caller,
        arg,
        base,
    };
    struct xen_memory_reservation r = {
        .nr_extents = (xen_ulong_t)-3,
        .extent_order = 77,
        .mem_flags = 0x80000001,
        .domid = DOMID_SELF,
    };
    char line[TEXT_LINE_MAX];

    le_put(bytes + 8, 8, XENMEM_claim_pages | 5ULL << MEMOP_EXTENT_SHIFT);
    memcpy(bytes + 16, &r, sizeof(r));
    le_put(bytes + 16, 8, 0x1122334455667788);
    bytes[16 + 26] = 9;
    program_decode(&p, bytes, sizeof(bytes), NULL);
    assert_true(p.wide);
    assert_int_equal(p.op[0].code, OP_create);
    assert_int_equal(op_slot(&p.op[0]), 1);
    assert_int_equal(p.op[p.nr_ops - 2].code, OP_claim);
    op_print(line, sizeof(line), &p.op[p.nr_ops - 1]);
    assert_string_equal(line, text);
}

/* The same of a raw domctl, with three entries. */
static void domctl_is(enum release release, uint8_t given, uint8_t caller,
                      uint32_t cmd, const char *text)
{
    static struct program p;
    uint8_t bytes[HEADER_BYTES + DOMCTL_BYTES] = {
        FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_DOMCTL,
        (uint8_t)release,
        1,
        63,
        given,
        caller,
        37, /* argument: short:32 */
        1,  /* data: null */
    };
    const struct xen_memory_claim entry[] = {
        { .pages = 3, .target = 1, .pad = 2 },
        { .pages = 7ULL << 60 | 1, .target = CLAIM_TARGET_HOST },
        { .pages = 15ULL << 60 | 0xffffffff, .target = 0xffffffff },
    };
    char line[TEXT_LINE_MAX];

    le_put(bytes + 8, 4, cmd);
    bytes[12] = 255; /* version */
    le_put(bytes + 16, 2, DOMID_SELF);
    bytes[24] = 9; /* value */
    le_put(bytes + 32, 4, 67);
    le_put(bytes + 36, 4, 1);
    memcpy(bytes + 40, entry, sizeof(entry));
    program_decode(&p, bytes, sizeof(bytes), NULL);
    op_print(line, sizeof(line), &p.op[p.nr_ops - 1]);
    assert_string_equal(line, text);
}

static void domctl_bytes_are_these(void **unused)
{
    const uint8_t all = 0xf9; /* three entries, 32 bits, d1.user, a number */

    (void)unused;
    domctl_is(RELEASE_DRAFT_V8, 0, all, 0,
              "claim_memory caller=dom0 abi=64 cmd=claim_memory domid=d1 "
              "arg=ok entry0=node0:4 entry1=node1:2 entry2=host:16");
    domctl_is(RELEASE_DRAFT_V8, 0, all, 2,
              "claim_memory caller=dom0 abi=64 cmd=get_memory_claims "
              "domid=d1 nr=3 arg=ok entry0=node0:4 entry1=node1:2 "
              "entry2=host:16");
    domctl_is(RELEASE_DRAFT_V7, 15, all, XEN_DOMCTL_claim_memory,
              "claim_memory caller=d1.user abi=32 cmd=claim_memory "
              "domid=self mode=1 nr=66 data=null arg=short:32 "
              "entry0=node1:3:2 entry1=host:unclaimed+1 "
              "entry2=0xffffffff:2^64-1");
    domctl_is(RELEASE_4_22, 0, all, 0,
              "domctl caller=dom0 abi=64 cmd=max_mem version=0 domid=d1 "
              "value=host arg=ok");
    domctl_is(RELEASE_4_22, 15, all, XEN_DOMCTL_claim_memory,
              "domctl caller=d1.user abi=32 cmd=claim_memory version=255 "
              "domid=self value=tot+9 arg=short:32 data=null count=67");
}

/* The same of a raw sysctl: which frames, and what array, too. */
static void sysctl_is(uint8_t given, uint8_t caller, uint32_t cmd,
                      uint32_t start, uint32_t end, const char *text)
{
    static struct program p;
    uint8_t bytes[HEADER_BYTES + SYSCTL_BYTES] = {
        FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_DOMCTL,
        RELEASE_4_22,
        HEADER_SYSCTL | 1, /* 128 pages */
        63,
        given,
        caller,
        70, /* argument: readonly */
        8,  /* data: short:3 */
    };
    struct xen_sysctl op = { .cmd = cmd, .interface_version = 255 };
    char line[TEXT_LINE_MAX];

    op.u.page_offline.cmd = 0x101;
    op.u.page_offline.start = start;
    op.u.page_offline.end = end;
    memcpy(bytes + 8, &op, SYSCTL_BYTES - 4);
    bytes[32] = 9; /* count */
    bytes[33] = 3; /* distance */
    program_decode(&p, bytes, sizeof(bytes), NULL);
    assert_int_equal(program_bytes_kind(bytes, sizeof(bytes)), KIND_SYSCTL);
    op_print(line, sizeof(line), &p.op[p.nr_ops - 1]);
    assert_string_equal(line, text);
}

static void sysctl_bytes_are_these(void **unused)
{
    const uint8_t all = 0x59; /* three frames, 32 bits, d1.user */
    const uint32_t last = UINT32_MAX;

    (void)unused;
    sysctl_is(0, all, 0, 0, 99,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "
              "action=online start=32 end=34");
    sysctl_is(0, 0, 1, 127, 99,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "
              "action=online start=159 end=159");
    sysctl_is(0, 0, 2, 128, 99,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "
              "action=online start=32 end=32");
    sysctl_is(0, all, 3, 0, 99,
              "sysctl caller=dom0 abi=64 cmd=physinfo version=0 arg=ok");
    sysctl_is(0, all, 7, 0, 99,
              "sysctl caller=dom0 abi=64 cmd=numainfo version=0 arg=ok "
              "distance=3");
    /* Each alone; a range that goes on behind 2^32. */
    sysctl_is(0x06, all, 7, 0, 99,
              "sysctl caller=dom0 abi=64 cmd=7 version=0 arg=ok");
    sysctl_is(0x07, all, 0, 0, 99,
              "sysctl caller=d1.user abi=32 cmd=page_offline version=0 "
              "arg=ok action=online start=32 end=34");
    sysctl_is(0x80, all, 0, 0, 99,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 "
              "arg=readonly action=online start=32 end=34");
    sysctl_is(0x90, all, 0, 0, 99,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=255 "
              "arg=ok action=online start=32 end=34");
    sysctl_is(0x0a, all, 0, 0, 99,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "
              "action=257 start=32 end=34");
    sysctl_is(0x0b, all, 0, last, 99,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "
              "action=online start=0xffffffff end=1");
    sysctl_is(0xcb, all, 0, 1, last,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "
              "action=online start=1 end=0xffffffff");
    sysctl_is(0x0c, all, 0, 1, 50,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "
              "action=online start=33 end=50");
    sysctl_is(0x0d, all, 0, 0, 99,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "
              "data=short:3 action=online start=32 end=34");
    sysctl_is(0x0e, all, 0, 0, 99,
              "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "
              "count=9 action=online start=32 end=34");
    sysctl_is(0x0f, all, XEN_SYSCTL_page_offline_op, 7, 6,
              "sysctl caller=d1.user abi=32 cmd=page_offline version=255 "
              "arg=readonly data=short:3 count=9 action=257 start=7 end=6");
}

static void reservation_bytes_are_these(void **unused)
{
    uint8_t base = BASE_CLAIM | MEM_ADDRESS << 4;

    (void)unused;
    /* All fields raw; the domid as a number. */
    record_is(0x0f, 0x39, 1, base,
              "memory_op caller=d1.user abi=32 cmd=claim start=5 domid=self "
              "nr=claim-3 order=77 flags=0x80000001 "
              "list=0x1122334455667788 arg=null pad=9");
    /* None. */
    record_is(0x50, 0x39, 1, base,
              "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=d1 "
              "nr=claim-3 order=0 flags=0 list=null arg=ok pad=9");
    /* Each alone, in two ways where there are two. */
    record_is(0x06, 0x39, 1, base,
              "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=d1 "
              "nr=claim-3 order=0 flags=0 list=null arg=ok pad=9");
    record_is(0x70, 0x39, 1, base,
              "memory_op caller=dom0 abi=64 cmd=claim start=5 domid=d1 "
              "nr=claim-3 order=0 flags=0 list=null arg=ok pad=9");
    record_is(0x08, 0x19, 1, base,
              "memory_op caller=d1.user abi=32 cmd=claim start=0 domid=d1 "
              "nr=claim-3 order=0 flags=0 list=null arg=ok pad=9");
    record_is(0x09, 0, 1, base,
              "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=d1 "
              "nr=claim-3 order=0 flags=0 list=null arg=null pad=9");
    record_is(0x09, 0, 38 + 25, base,
              "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=d1 "
              "nr=claim-3 order=0 flags=0 list=null arg=ok pad=9 flip=26");
    record_is(
        0x0a, 0, 0, base,
        "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=d1 "
        "nr=claim-3 order=0 flags=0 list=0x1122334455667788 arg=ok pad=9");
    record_is(0xb0, 0, 0, base,
              "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=d1 "
              "nr=claim-3 order=77 flags=0 list=null arg=ok pad=9");
    record_is(0x0c, 0, 0, base,
              "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=d1 "
              "nr=claim-3 order=0 flags=0x80000001 list=null arg=ok pad=9");
    record_is(0x0d, 0, 0,
              base, /* DOMID_SELF's low nibble: first of the table */
              "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=d0 "
              "nr=claim-3 order=0 flags=0 list=null arg=ok pad=9");
    record_is(0x0d, 0x20, 0, base,
              "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=self "
              "nr=claim-3 order=0 flags=0 list=null arg=ok pad=9");
    record_is(0x0e, 0, 0, BASE_CLAIM,
              "memory_op caller=dom0 abi=64 cmd=claim start=0 domid=d1 "
              "nr=claim-3 order=0 flags=0 list=null arg=ok pad=9");
}

/* All prologues, and records after them up to the limit. */
static void prologues_leave_room(void **unused)
{
    static struct program p;
    static uint8_t bytes[HEADER_BYTES + 70 * RESERVATION_BYTES] = {
        FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_RESERVATION
    };

    (void)unused;
    for ( unsigned int prologue = 0; prologue < 4; prologue++ )
    {
        struct decode_note note;
        unsigned int used;

        bytes[2] = (uint8_t)(prologue << HEADER_PROLOGUE_SHIFT);
        program_decode(&p, bytes, HEADER_BYTES, &note);
        used = p.nr_ops;
        assert_in_range(used, 2, 16);
        for ( unsigned int i = 0; i < used; i++ )
            for ( int j = 0; j < op_table[p.op[i].code].nr_args; j++ )
                assert_true(kind_valid(op_table[p.op[i].code].arg[j].kind,
                                       &p.op[i].arg[j]));
        program_decode(&p, bytes, sizeof(bytes), &note);
        assert_int_equal(p.nr_ops, PROGRAM_OPS_MAX);
        assert_int_equal(note.over,
                         (70 + used - PROGRAM_OPS_MAX) * RESERVATION_BYTES);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(domctl_bytes_are_these),
        cmocka_unit_test(sysctl_bytes_are_these),
        cmocka_unit_test(reservation_bytes_are_these),
        cmocka_unit_test(prologues_leave_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
