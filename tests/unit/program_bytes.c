/* SPDX-License-Identifier: MIT */
/*
 * Bytes of programs: inverses, canonical forms, what is noted.
 *
 * Not here: records of raw calls (program_raw.c).
 */
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
    /* Domctls and sysctls share a quarter. */
    for ( unsigned int kind = 0; kind < KIND_COUNT; kind++ )
        assert_in_range(kinds[kind], ROUNDS / 10, ROUNDS);
}

static void what_is_wrong_is_noted(void **unused)
{
    static struct program p;
    uint8_t bytes[PROGRAM_BYTES_MAX + 100] = { 24, 0, 0, 63 };
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
    bytes[2] = HEADER_SYSCTL; /* of control calls only */
    program_decode(&p, bytes, 4, &note);
    assert_true(note.header);
    bytes[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_DOMCTL;
    program_decode(&p, bytes, 4, &note);
    assert_false(note.header);
    bytes[2] = HEADER_LARGE & -HEADER_LARGE; /* both bits or none */
    program_decode(&p, bytes, 4, &note);
    assert_true(note.header);
    assert_int_equal(p.host.node_pages, 64);
    bytes[0] = (FORMAT_VERSION - 1) << FORMAT_VERSION_SHIFT;
    program_decode(&p, bytes, 4, &note);
    assert_true(note.version);
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
        24, 0, 5,           63,   OP_claim, 0x71, 0x01, 0x00, 0, 0,
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

/* Few pages one by one, many by a unit. */
static void large_hosts_have_bytes(void **unused)
{
    static const struct
    {
        uint32_t pages;
        bool has;
        uint8_t host, number;
    } nodes[] = {
        { 1, true, 0, 0 },
        { PROGRAM_SMALL_NODE, true, 0, 255 },
        { PROGRAM_SMALL_NODE + 1, false, 0, 0 },
        { PROGRAM_SMALL_NODE + PROGRAM_LARGE_UNIT, true, HEADER_LARGE, 32 },
        { 1024, true, HEADER_LARGE, 127 },
        { 1025, false, 0, 0 },
        { PROGRAM_NODE_PAGES_MAX, true, HEADER_LARGE, 255 },
        { PROGRAM_NODE_PAGES_MAX + PROGRAM_LARGE_UNIT, false, 0, 0 },
        { HV_NODE_PAGES_MAX, false, 0, 0 },
    };
    static struct program p, back;
    uint8_t bytes[HEADER_BYTES];
    struct decode_note note;

    (void)unused;
    program_init(&p);
    for ( size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++ )
    {
        p.host.node_pages = nodes[i].pages;
        assert_int_equal(program_has_bytes(&p), nodes[i].has);
        if ( !nodes[i].has )
            continue;
        assert_int_equal(program_encode(&p, bytes), HEADER_BYTES);
        assert_int_equal(bytes[HEADER_AT_HOST], nodes[i].host);
        assert_int_equal(bytes[3], nodes[i].number);
        program_decode(&back, bytes, HEADER_BYTES, &note);
        assert_false(note.version || note.header);
        assert_true(program_equal(&p, &back));
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
        cmocka_unit_test(large_hosts_have_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
