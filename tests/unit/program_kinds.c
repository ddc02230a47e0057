/* SPDX-License-Identifier: MIT */
/* Boundary values, simpler values and names of every kind; bytes and text of
 * whole programs are in program_bytes.c and program_text.c. */
#include "program_random.h"

/* A value survives text. */
static void round_trip(enum arg_kind kind, const struct value *v)
{
    char text[KIND_TEXT_MAX];
    struct value back;
    int len;

    assert_true(kind_valid(kind, v));
    len = kind_print(text, kind, v);
    assert_int_equal(len, strlen(text));
    assert_true(kind_parse(&back, kind, text, (size_t)len));
    assert_true(value_equal(v, &back));
}

static void edges_are_values(void **unused)
{
    struct value v, none;

    (void)unused;
    for ( unsigned int kind = 0; kind < ARG_KIND_COUNT; kind++ )
    {
        uint32_t others = 0;

        kind_default(&none, kind);
        for ( uint32_t i = 0; i < kind_edges(kind); i++ )
        {
            kind_edge(&v, kind, i);
            round_trip(kind, &v);
            others += !value_equal(&v, &none);
        }
        /* Padding, and a byte that changes, decide nothing. */
        assert_int_equal(others > 0, kind != ARG_PAD && kind != ARG_FLIP);
    }
}

static void every_narrow_value_is_an_edge(void **unused)
{
    struct value v, edge;

    (void)unused;
    for ( unsigned int kind = 0; kind < ARG_KIND_COUNT; kind++ )
    {
        uint32_t codes = kind_codes(kind);

        /* Not where narrow values are computed. */
        for ( uint32_t code = 0; codes == 16 && code < codes; code++ )
        {
            bool found = false;

            kind_decode_narrow(&v, kind, code);
            for ( uint32_t i = 0; i < kind_edges(kind); i++ )
            {
                kind_edge(&edge, kind, i);
                found |= value_equal(&v, &edge);
            }
            assert_true(found);
        }
    }
}

/* Whatever is taken of the simpler values, it ends at one that has none. */
static void simpler_ends(enum arg_kind kind, struct value v, uint64_t *state)
{
    struct value none, out;
    unsigned int steps = 0, how;

    kind_default(&none, kind);
    for ( ;; )
    {
        unsigned int first = (unsigned int)(test_random(state) % KIND_SIMPLER);

        for ( how = 0; how < KIND_SIMPLER; how++ )
            if ( kind_simpler(&out, kind, &v, (first + how) % KIND_SIMPLER) )
                break;
        if ( how == KIND_SIMPLER )
            break;
        assert_true(kind_valid(kind, &out));
        assert_false(value_equal(&out, &v));
        v = out;
        assert_in_range(++steps, 1, 100000);
    }
    assert_true(value_equal(&v, &none));
}

static void simpler_values_end_at_the_default(void **unused)
{
    uint64_t state = 3;

    (void)unused;
    for ( unsigned int kind = 0; kind < ARG_KIND_COUNT; kind++ )
        for ( unsigned int i = 0; i < 2000; i++ )
        {
            uint8_t bytes[16];
            struct value v;

            random_bytes(&state, bytes, sizeof(bytes));
            kind_decode(&v, kind, bytes);
            simpler_ends(kind, v, &state);
        }
}

static void commands_have_names(void **unused)
{
    static const enum arg_kind kinds[] = { ARG_CMD, ARG_DOMCTL, ARG_SYSCTL };
    static const unsigned int names[] = { 28, 10, 4 };

    (void)unused;
    for ( unsigned int k = 0; k < 3; k++ )
    {
        uint64_t most = kind_table[kinds[k]]->max;
        unsigned int nr = 0;

        for ( uint64_t i = 0; i <= most; i++ )
        {
            const struct xen_command *c = command_of(kinds[k], i);
            struct value v = { .v = (int64_t)i };

            round_trip(kinds[k], &v);
            nr += c != NULL;
            if ( !c )
                continue;
            assert_true(kind_parse(&v, kinds[k], c->name, strlen(c->name)));
            assert_int_equal(v.v, i);
            assert_non_null(strstr(c->constant, "XEN"));
        }
        assert_int_equal(nr, names[k]);
        assert_null(command_of(kinds[k], most + 1));
        assert_null(command_of(kinds[k], UINT64_MAX));
    }
    assert_string_equal(command_of(ARG_CMD, XENMEM_claim_pages)->constant,
                        "XENMEM_claim_pages");
    assert_int_equal(command_of(ARG_CMD, XENMEM_claim_pages)->op, OP_claim);
    assert_int_equal(command_of(ARG_DOMCTL, XEN_DOMCTL_pausedomain)->op,
                     OP_domctl);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_are_values),
        cmocka_unit_test(every_narrow_value_is_an_edge),
        cmocka_unit_test(simpler_values_end_at_the_default),
        cmocka_unit_test(commands_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
