/* Messages between the processes of a cluster: whole, split, damaged, and of other formats. */
#include "unit.h"

#include "roles/envelope.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that do not compress. */
static char *noise(size_t n)
{
    char *out = malloc(n);
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        out[i] = (char)x;
    }
    return out;
}

static void write_parts(const char *bytes, size_t n, struct envelope_parts *out)
{
    json_t *head = json_pack("{s:s}", "kind", "batch");
    envelope_write(head, 7, bytes, n, out);
    json_decref(head);
}

static int read_part(struct envelope_join *j, const struct buf *part, json_t **head,
                     struct buf *bytes)
{
    return envelope_read(j, part->p, part->len, head, bytes);
}

static void assert_round_trip(const char *bytes, size_t n, size_t n_parts)
{
    struct envelope_parts parts;
    struct envelope_join j = {0};
    struct buf back;
    json_t *head;
    write_parts(bytes, n, &parts);
    assert_int_equal(parts.n, n_parts);
    for (size_t i = 0; i < n_parts; i++) {
        assert_true(parts.v[i].len < 1 << 20); /* what NATS accepts */
        assert_int_equal(read_part(&j, &parts.v[i], &head, &back), i + 1 == n_parts);
    }
    assert_int_equal(back.len, n);
    assert_true(!n || !memcmp(back.p, bytes, n));
    assert_string_equal(json_string_value(json_object_get(head, "kind")), "batch");
    json_decref(head);
    buf_free(&back);
    envelope_join_free(&j);
    envelope_parts_free(&parts);
}

static void what_is_sent_arrives(void **state)
{
    (void)state;
    char *bytes = noise(3 << 20), zeros[4096] = "";
    assert_round_trip("", 0, 1);
    assert_round_trip("abc", 3, 1);
    assert_round_trip(zeros, sizeof zeros, 1);
    assert_round_trip(bytes, 1000, 1);
    assert_round_trip(bytes, ENVELOPE_PART, 1);
    assert_round_trip(bytes, ENVELOPE_PART + 1, 2);
    assert_round_trip(bytes, 3 << 20, 5);
    free(bytes);
}

static void a_part_that_is_missing_drops_the_envelope(void **state)
{
    (void)state;
    char *bytes = noise(2 << 20);
    struct envelope_parts parts;
    struct envelope_join j = {0};
    struct buf back;
    json_t *head;
    write_parts(bytes, 2 << 20, &parts);
    assert_int_equal(parts.n, 3);
    assert_int_equal(read_part(&j, &parts.v[0], &head, &back), 0);
    assert_int_equal(read_part(&j, &parts.v[2], &head, &back), 0);
    assert_int_equal(read_part(&j, &parts.v[1], &head, &back), 0);
    assert_int_equal(read_part(&j, &parts.v[2], &head, &back), 1); /* it was only late */
    json_decref(head);
    buf_free(&back);
    /* the sender begins again */
    assert_int_equal(read_part(&j, &parts.v[0], &head, &back), 0);
    assert_int_equal(read_part(&j, &parts.v[0], &head, &back), 0);
    assert_int_equal(read_part(&j, &parts.v[1], &head, &back), 0);
    assert_int_equal(read_part(&j, &parts.v[2], &head, &back), 1);
    json_decref(head);
    buf_free(&back);
    envelope_join_free(&j);
    envelope_parts_free(&parts);
    free(bytes);
}

static void what_is_no_envelope_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "\n",
        "abc",
        "{}\n",
        "{\"format\":2,\"part\":0,\"parts\":1,\"id\":1,\"size\":0,\"packed\":false}\n",
        "{\"format\":1,\"part\":0,\"parts\":1,\"id\":1,\"size\":9,\"packed\":false}\nabc",
        "{\"format\":1,\"part\":0,\"parts\":1,\"id\":1,\"size\":9,\"packed\":true}\nabc",
        "{\"format\":1,\"part\":0,\"parts\":1,\"id\":1,\"size\":99999999999,\"packed\":true}\nabc",
        "{\"format\":1,\"part\":0,\"parts\":0,\"id\":1,\"size\":0,\"packed\":false}\n",
    };
    struct envelope_join j = {0};
    struct buf back;
    json_t *head;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(envelope_read(&j, wrong[i], strlen(wrong[i]), &head, &back), -1);
    envelope_join_free(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_arrives),
        cmocka_unit_test(a_part_that_is_missing_drops_the_envelope),
        cmocka_unit_test(what_is_no_envelope_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
