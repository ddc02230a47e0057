/* SPDX-License-Identifier: MIT */
/* Bytes of programs: inverses, canonical forms, what is noted. */
#include "program_random.h"

static void program_survives_bytes(void **unused)
{
    static struct program p, back;
    uint8_t bytes[PROGRAM_BYTES_MAX], again[PROGRAM_BYTES_MAX];
    unsigned int wide = 0;

    (void)unused;
    for ( uint64_t i = 0; i < ROUNDS; i++ )
    {
        struct decode_note note;
        size_t size;

        random_program(&p, i);
        size = program_encode(&p, bytes);
        program_decode(&back, bytes, size, &note);
        assert_true(program_equal(&p, &back));
        assert_false(note.version || note.header);
        assert_int_equal(note.tail + note.over, 0);
        assert_int_equal(program_encode(&back, again), size);
        assert_memory_equal(bytes, again, size);
        wide += p.wide;
    }
    /* Both kinds were tried. */
    assert_in_range(wide, ROUNDS / 10, ROUNDS - ROUNDS / 10);
}

static void every_narrow_value_survives(void **unused)
{
    (void)unused;
    for ( unsigned int kind = 0; kind < ARG_KIND_COUNT; kind++ )
        for ( uint32_t code = 0; code < kind_codes(kind); code++ )
        {
            uint8_t bytes[16];
            struct value v, back;
            uint32_t again;

            kind_decode_narrow(&v, kind, code);
            assert_true(kind_valid(kind, &v));
            assert_true(kind_encode_narrow(&again, kind, &v));
            kind_decode_narrow(&back, kind, again);
            assert_true(value_equal(&v, &back));
            /* The canonical one is the first of those that mean the same. */
            assert_true(again <= code);
            kind_encode(bytes, kind, &v);
            kind_decode(&back, kind, bytes);
            assert_true(value_equal(&v, &back));
        }
}

/* Each byte of a wide value matters or is reduced; none makes a bad value. */
static void every_wide_value_survives(void **unused)
{
    uint64_t state = 1;

    (void)unused;
    for ( unsigned int kind = 0; kind < ARG_KIND_COUNT; kind++ )
        for ( unsigned int i = 0; i < 70000; i++ )
        {
            uint8_t bytes[16] = { 0 };
            struct value v;

            if ( i < 65536 )
                le_put(bytes, 2, i);
            else
                random_bytes(&state, bytes, sizeof(bytes));
            kind_decode(&v, kind, bytes);
            assert_true(kind_valid(kind, &v));
        }
}

static void zero_is_the_default(void **unused)
{
    static const uint8_t zeros[16];

    (void)unused;
    for ( unsigned int kind = 0; kind < ARG_KIND_COUNT; kind++ )
    {
        struct value narrow, wide;

        kind_default(&narrow, kind);
        kind_decode(&wide, kind, zeros);
        assert_true(value_equal(&narrow, &wide));
    }
}

static void bad_values_are_refused(void **unused)
{
    static const struct
    {
        enum arg_kind kind;
        struct value v;
    } bad[] = {
        { ARG_DOM, { .v = 8 } },
        { ARG_DOM, { .v = 1, .sel = 1 } },
        { ARG_DOM, { .v = -1 } },
        { ARG_ABI, { .v = 64 } },
        { ARG_NODE, { .v = 8 } },
        { ARG_NODE, { .v = -1, .sel = 1 } },
        { ARG_LIST, { .v = 1025, .sel = MEM_SHORT } },
        { ARG_LIST, { .v = 1, .sel = MEM_OK } },
        { ARG_MEMARG, { .v = 33, .sel = MEM_SHORT } },
        { ARG_MEMARG, { .v = 1, .sel = MEM_ADDRESS } },
        { ARG_DOMID, { .v = 1 } },
        { ARG_DOMID, { .v = 8, .sel = 1 } },
        { ARG_START, { .v = 1L << 58 } },
        { ARG_ORDER32, { .v = -1 } },
        { ARG_PAGES, { .sel = BASE_COUNT } },
        { ARG_CALLER, { .v = 16 } },
    };

    (void)unused;
    for ( size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
        assert_false(kind_valid(bad[i].kind, &bad[i].v));
}

/* No bytes break decoding, and what they decode to is stable. */
static void any_bytes_decode(void **unused)
{
    static struct program p, back;
    uint8_t bytes[PROGRAM_BYTES_MAX + 64], canonical[PROGRAM_BYTES_MAX];
    uint64_t state = 42;
    unsigned int kinds[KIND_COUNT] = { 0 };

    (void)unused;
    for ( uint64_t i = 0; i < ROUNDS; i++ )
    {
        size_t size = test_random(&state) % (i % 32 ? 128 : sizeof(bytes));
        struct decode_note note;

        random_bytes(&state, bytes, size);
        kinds[program_bytes_kind(bytes, size)]++;
        program_decode(&p, bytes, size, &note);
        program_decode(&back, canonical, program_encode(&p, canonical), NULL);
        assert_true(program_equal(&p, &back));
        assert_true(note.tail < DOMCTL_BYTES); /* the widest record */
    }
    for ( unsigned int kind = 0; kind < KIND_COUNT; kind++ )
        assert_in_range(kinds[kind], ROUNDS / 5, ROUNDS);
}

static void what_is_wrong_is_noted(void **unused)
{
    static struct program p;
    uint8_t bytes[PROGRAM_BYTES_MAX + 100] = { 16, 0, 0, 63 };
    struct decode_note note;

    (void)unused;
    program_decode(&p, bytes, 0, &note);
    assert_int_equal(p.nr_ops, 0);
    assert_int_equal(p.host.release, RELEASE_DEFAULT);
    assert_int_equal(p.host.node_pages, HOST_PAGES_DEFAULT);
    assert_false(note.version);

    program_decode(&p, bytes, HEADER_BYTES + 2 * NARROW_BYTES + 3, &note);
    assert_int_equal(p.nr_ops, 2);
    assert_int_equal(p.op[0].code, OP_physinfo);
    assert_int_equal(note.tail, 3);
    assert_int_equal(note.over, 0);

    program_decode(&p, bytes,
                   HEADER_BYTES + PROGRAM_OPS_MAX * NARROW_BYTES + 9, &note);
    assert_int_equal(p.nr_ops, PROGRAM_OPS_MAX);
    assert_int_equal(note.tail, 0);
    assert_int_equal(note.over, 9);
    assert_false(note.version || note.header);

    bytes[1] = RELEASE_COUNT;
    program_decode(&p, bytes, 4, &note);
    assert_true(note.header);
    assert_int_equal(note.header_offset, 1);
    bytes[1] = 0;
    bytes[2] = HEADER_PROLOGUE_MASK; /* means something in another kind only */
    program_decode(&p, bytes, 4, &note);
    assert_true(note.header);
    assert_int_equal(note.header_offset, 2);
    bytes[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_RESERVATION;
    program_decode(&p, bytes, 4, &note);
    assert_false(note.header);
    bytes[0] = (FORMAT_VERSION + 1) << FORMAT_VERSION_SHIFT;
    program_decode(&p, bytes, 4, &note);
    assert_true(note.version);
}

/* The bytes of one known program, written out: old corpora must stay good. */
static void narrow_bytes_are_these(void **unused)
{
    static const char text[] = "host nodes=2 pages=64 release=4.17 llc=1\n"
                               "claim d1 unclaimed+1\n"
                               "populate d2 tot-1 order=3 node=1! preempt=5\n";
    static const uint8_t bytes[] = {
        16, 0, 5,           63,   OP_claim, 0x71, 0x01, 0x00, 0, 0,
        0,  0, OP_populate, 0x12, 0xff,     0x3f, 0x06, 0x50, 0, 0,
    };
    static struct litmus l;
    struct problems problems;
    uint8_t out[PROGRAM_BYTES_MAX];

    (void)unused;
    assert_true(litmus_parse(&l, text, sizeof(text) - 1, &problems));
    assert_int_equal(program_encode(&l.program, out), sizeof(bytes));
    assert_memory_equal(out, bytes, sizeof(bytes));
}

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
        cmocka_unit_test(program_survives_bytes),
        cmocka_unit_test(every_narrow_value_survives),
        cmocka_unit_test(every_wide_value_survives),
        cmocka_unit_test(zero_is_the_default),
        cmocka_unit_test(bad_values_are_refused),
        cmocka_unit_test(any_bytes_decode),
        cmocka_unit_test(what_is_wrong_is_noted),
        cmocka_unit_test(narrow_bytes_are_these),
        cmocka_unit_test(domctl_bytes_are_these),
        cmocka_unit_test(reservation_bytes_are_these),
        cmocka_unit_test(prologues_leave_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
