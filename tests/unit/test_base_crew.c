/* The crew: every errand is run, as often as it must be and never twice at
 * once; who waits helps, with what is nearer to the output and nothing else. */
#include <imgmill/base.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "threads.h"

/* ---- a line of errands, each passing numbers on to the next -------------- */

enum { STATIONS = 3, ROOM = 2, NUMBERS = 2000 };

struct station {
    struct mill_errand errand;
    struct mill_crew *crew;
    struct station *next; /* NULL: the last */
    atomic_uint put, taken;
    atomic_bool inside;
    uint64_t sum; /* of what came here */
    unsigned ring[ROOM];
};

static bool
has_room(const void *of)
{
    const struct station *station = of;
    return atomic_load(&station->put) - atomic_load(&station->taken) < ROOM;
}

static void
give(struct station *to, unsigned number)
{
    mill_crew_wait(to->crew, to->errand.rank, has_room, to);
    to->ring[atomic_load(&to->put) % ROOM] = number;
    atomic_fetch_add(&to->put, 1);
    mill_crew_post(to->crew, &to->errand);
}

static void
work(struct mill_errand *errand)
{
    struct station *self = (struct station *)errand;
    if (atomic_exchange(&self->inside, true))
        abort(); /* on two threads at once */
    unsigned taken = atomic_load(&self->taken);
    if (taken < atomic_load(&self->put)) {
        unsigned number = self->ring[taken % ROOM];
        self->sum += (uint64_t)number * (taken + 1);
        if (self->next)
            give(self->next, number);
        atomic_fetch_add(&self->taken, 1);
        if (taken + 1 < atomic_load(&self->put))
            mill_crew_post(self->crew, errand);
    }
    atomic_store(&self->inside, false);
}

static void
pass_on(struct mill_crew *crew)
{
    struct station stations[STATIONS] = {0};
    uint64_t sum = 0;
    for (unsigned i = 0; i < STATIONS; i++) {
        stations[i].errand = (struct mill_errand){.run = work, .rank = i + 1};
        stations[i].crew = crew;
        stations[i].next = i + 1 < STATIONS ? &stations[i + 1] : NULL;
    }
    for (unsigned i = 0; i < NUMBERS; i++) {
        give(&stations[0], i * 7 % 1000);
        sum += (uint64_t)(i * 7 % 1000) * (i + 1);
    }
    for (unsigned i = 0; i < STATIONS; i++)
        mill_crew_settle(crew, &stations[i].errand);
    for (unsigned i = 0; i < STATIONS; i++) {
        assert_int_equal(atomic_load(&stations[i].taken), NUMBERS);
        assert_true(stations[i].sum == sum);
    }
}

static void
lines_pass_all_on_in_order(void **state)
{
    (void)state;
    watchdog();
    for (unsigned threads = 0; threads <= 6; threads++) {
        struct mill_crew *crew = mill_crew_new(threads);
        assert_non_null(crew);
        pass_on(crew);
        mill_crew_free(crew);
    }
}

/* ---- who runs what ------------------------------------------------------- */

struct trace {
    struct mill_errand errand;
    pthread_t by;
    atomic_uint times;
    struct mill_errand *post; /* while it runs; NULL: none */
    struct mill_crew *crew;
};

static void
note(struct mill_errand *errand)
{
    struct trace *trace = (struct trace *)errand;
    trace->by = pthread_self();
    if (atomic_fetch_add(&trace->times, 1) == 0 && trace->post)
        mill_crew_post(trace->crew, trace->post);
}

static bool
was_run(const void *of)
{
    const struct trace *trace = of;
    return atomic_load(&trace->times) > 0;
}

/* Alone, who waits does it all, the highest rank first, and leaves what is
 * below its own. */
static void
who_waits_works(void **state)
{
    struct mill_crew *crew = mill_crew_new(1);
    struct trace low = {.errand = {.run = note, .rank = 1}};
    struct trace high = {.errand = {.run = note, .rank = 3}};
    (void)state;
    watchdog();
    mill_crew_post(crew, &low.errand);
    mill_crew_post(crew, &high.errand);
    assert_int_equal(atomic_load(&low.times) + atomic_load(&high.times), 0);
    mill_crew_wait(crew, 2, was_run, &high);
    assert_int_equal(atomic_load(&low.times), 0);
    mill_crew_settle(crew, &low.errand);
    assert_int_equal(atomic_load(&low.times), 1);
    assert_true(pthread_equal(low.by, pthread_self()));
    mill_crew_free(crew);
}

/* Posted twice before it began it runs once; posted while it runs, once more.
 */
static void
posts_are_not_lost(void **state)
{
    struct mill_crew *crew = mill_crew_new(1);
    struct trace self = {.errand = {.run = note, .rank = 1}, .crew = crew};
    (void)state;
    watchdog();
    self.post = &self.errand;
    mill_crew_post(crew, &self.errand);
    mill_crew_post(crew, &self.errand);
    mill_crew_settle(crew, &self.errand);
    assert_int_equal(atomic_load(&self.times), 2);
    mill_crew_free(crew);
}

/* A thread of the crew comes for what nobody waits for. */
static void
threads_come_by_themselves(void **state)
{
    struct mill_crew *crew = mill_crew_new(2);
    struct trace self = {.errand = {.run = note, .rank = 1}};
    (void)state;
    watchdog();
    mill_crew_post(crew, &self.errand);
    while (!was_run(&self))
        nap_ms(1);
    mill_crew_settle(crew, &self.errand);
    assert_false(pthread_equal(self.by, pthread_self()));
    mill_crew_free(crew);
}

static unsigned
threads_now(void)
{
    unsigned n = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (struct dirent *task; (task = readdir(tasks));)
        n += task->d_name[0] != '.';
    closedir(tasks);
    return n;
}

/* A crew that shrinks keeps its threads, but none of them works. */
static void
limits_are_kept(void **state)
{
    struct mill_crew *crew = mill_crew_new(4);
    const unsigned alone = threads_now();
    (void)state;
    watchdog();
    mill_crew_limit(crew, 2);
    assert_int_equal(mill_crew_size(crew), 2);
    pass_on(crew);
    assert_int_equal(threads_now(), alone + 1);
    mill_crew_limit(crew, 9);
    assert_int_equal(mill_crew_size(crew), 4);
    pass_on(crew);
    assert_int_equal(threads_now(), alone + 3);
    mill_crew_limit(crew, 0);
    struct trace self = {.errand = {.run = note, .rank = 1}};
    mill_crew_post(crew, &self.errand);
    nap_ms(5);
    assert_false(was_run(&self));
    mill_crew_settle(crew, &self.errand);
    assert_true(pthread_equal(self.by, pthread_self()));
    mill_crew_free(crew);
}

static void
sizes_are_told(void **state)
{
    struct mill_crew *crew = mill_crew_new(5);
    (void)state;
    assert_int_equal(mill_crew_size(crew), 5);
    assert_int_equal(mill_crew_size(NULL), 1);
    assert_true(mill_crew_bytes(crew) >= 4 * 65536);
    assert_true(mill_crew_bytes(NULL) == 0);
    mill_crew_free(crew);
    mill_crew_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_pass_all_on_in_order),
        cmocka_unit_test(who_waits_works),
        cmocka_unit_test(posts_are_not_lost),
        cmocka_unit_test(threads_come_by_themselves),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(sizes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
