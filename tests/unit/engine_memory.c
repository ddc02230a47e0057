/* SPDX-License-Identifier: MIT */
/* Memory of engines (memory.c): where it runs out, there is no engine, and what
 * was had before is given back. Not here: what programs say then (cli.sweep). */
#include "engine_case.h"

#include "hypervisor/room.h"

#include <stdlib.h>

/* Bytes in use; rooms asked for, and which of these, from 1, is not to be had;
 * 0: all are. */
static struct
{
    size_t used;
    unsigned int asked, fails;
} rooms;

/* In the place of hypervisor/room.c. */
void *room_new(size_t bytes)
{
    void *room = ++rooms.asked == rooms.fails ? NULL : calloc(1, bytes);

    rooms.used += room ? bytes : 0;

    return room;
}

void room_free(void *room, size_t bytes)
{
    rooms.used -= room ? bytes : 0;
    free(room);
}

static void refuse(unsigned int fails)
{
    rooms.asked = 0;
    rooms.fails = fails;
}

static void engine_in_memory_of_its_own(void **state)
{
    struct stub_rig *rig = *state;
    const struct engine_options o = { .hash_state = true };
    size_t before = rooms.used;
    struct engine *e;

    refuse(0);
    e = engine_new(&rig->h, &o);
    assert_non_null(e);
    assert_ptr_equal(e->h.hv, rig->h.hv);
    assert_true(e->o.hash_state);
    assert_int_equal(rooms.used, before + sizeof(*e));
    engine_free(e);
    assert_int_equal(rooms.used, before);
    refuse(1);
    assert_null(engine_new(&rig->h, &o));
    assert_int_equal(rooms.used, before);
    engine_free(NULL);
}

/* The model takes a room, and then the engine. */
static void engine_on_the_model(void **state)
{
    static struct litmus l;
    size_t before = rooms.used;
    struct run_result r;
    struct engine *e;

    (void)state;
    refuse(0);
    e = engine_on_model();
    assert_non_null(e);
    case_parse(&l, "host nodes=1 pages=64 release=4.22\n" CLAIMED);
    engine_run(e, RUN_PROGRAM(&l.program), &r);
    assert_int_equal(r.outcome, RUN_HELD);
    engine_on_model_free(e);
    assert_int_equal(rooms.used, before);
    assert_int_equal(rooms.asked, 2);
    for ( unsigned int fails = 1; fails <= 2; fails++ )
    {
        refuse(fails);
        assert_null(engine_on_model());
        assert_int_equal(rooms.asked, fails);
        assert_int_equal(rooms.used, before);
    }
    engine_on_model_free(NULL);
}

static int open_rig(void **state)
{
    static struct stub_rig rig;
    const struct engine_options o = { 0 };

    *state = &rig;
    stub_rig_open(&rig, &o);

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine_in_memory_of_its_own),
        cmocka_unit_test(engine_on_the_model),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
