/* storyctl pages: lists the queue of articles' pages and the outcome of earlier requests. */
#include "base/mem.h"
#include "store/page_outcome.h"
#include "store/page_record.h"
#include "store/record.h"
#include "storyctl/command.h"
#include "storyctl/term.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char pages_help[] =
    "usage: storyctl pages [--db DIR] [--hosts] [--limit N] [--json] [--color WHEN]\n"
    "\n"
    "Lists the articles' pages that are queued, and the outcome of those that were requested or\n"
    "skipped, for the newest articles first: the status from the server, the number of words of\n"
    "the article, the host, and why the page waits or its outcome.\n"
    "\n"
    "  --hosts       print one line per host instead, for the newest 20000 pages: how many are\n"
    "                waiting, were read, refused, failed or left, when the last one was settled,\n"
    "                and the last problem; hosts with the most pages first\n"
    "  --limit N     maximum number of lines (default: 50; 0: all)\n"
    "  --json        print JSON Lines: the records, or with --hosts the totals\n"
    "  --color WHEN  auto, always or never (default: auto)\n"
    "  --db DIR      the store (default: /var/lib/storyd)\n";

/* ---- reasons -------------------------------------------------------------------------------- */

/* Why a page is requested. */
static const struct {
    const char *why, *text;
} reasons[] = {{"event", "two or more publishers report its event"},
               {"uncertain", "its assignment to an event is uncertain"},
               {"opened", "somebody opened its event"},
               {"changed", "its feed has another text since it was read"},
               {"all", "all pages of its feed are requested"}};

static const char *reason_of_page(const struct page_record *page)
{
    const char *why = codec_text(page->why);
    enum page_outcome outcome = page_outcome_of(page->state, why);
    if (outcome < PAGE_OUTCOME_COUNT)
        return page_outcome_text(outcome);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (!strcmp(why, reasons[i].why))
            return reasons[i].text;
    return why; /* written by a later version */
}

/* ---- pages ---------------------------------------------------------------------------------- */

static bool is_trouble(const char *state)
{
    return !strcmp(state, "refused") || !strcmp(state, "failed");
}

static const struct term_column page_columns[] = {{"ARTICLE", 8, .right = true},
                                                  {"WHEN", 12, .wide = 80},
                                                  {"STATE", 7, .wide = 50},
                                                  {"HTTP", 4, .wide = 60, .right = true},
                                                  {"WORDS", 7, .wide = 60, .right = true},
                                                  {"HOST", 28, 12, .wide = 110},
                                                  {.title = "WHY"},
                                                  {0}};

static void print_page(struct term_table *t, const struct page_record *page)
{
    term_number(t, (int64_t)page->article);
    term_date(t, page->done ? page->done : page->asked ? page->asked : page->queued);
    term_cell(t, page->state, is_trouble(page->state) ? TERM_BAD : TERM_PLAIN);
    term_number(t, page->status ? (int64_t)page->status : -1);
    term_number(t, page->words);
    term_cell(t, *page->host ? page->host : "-", TERM_PLAIN);
    term_cell(t, reason_of_page(page), TERM_PLAIN);
}

/* Continues in a new view, after the article `last`. */
static int go_on_pages(struct command_options *o, uint64_t last, story_list **list,
                       struct story_entry *entry)
{
    story_list_free(*list);
    *list = NULL;
    command_end_view(o);
    int error = command_view(o);
    if (!error)
        error = story_pages(o->view, list);
    while (!error && !(error = story_next(*list, entry)) && entry->number >= last)
        command_end_if_asked(o);
    return error;
}

static int print_pages(struct command_options *o, size_t limit)
{
    struct term_table table = term_table(page_columns, o->color);
    story_list *list = NULL;
    struct story_entry entry;
    int error = story_pages(o->view, &list);
    if (!o->json)
        term_titles(&table);
    if (!error)
        error = story_next(list, &entry);
    for (size_t n = 0; !error && n < limit; n++) {
        uint64_t number = entry.number;
        struct page_record page = {0};
        if (o->json)
            command_print(o, &entry);
        else if (command_load(o, &entry, &page_record_table, &page))
            print_page(&table, &page);
        codec_free(&page_record_table, &page);
        error =
            command_is_enough() ? go_on_pages(o, number, &list, &entry) : story_next(list, &entry);
    }
    story_list_free(list);
    return error;
}

/* ---- hosts ---------------------------------------------------------------------------------- */

enum { MAX_PAGES = 20000 };

enum host_sum { WAITING, READ, REFUSED, FAILED, LEFT, N_SUMS };

static const char *const sum_names[N_SUMS] = {"waiting", "read", "refused", "failed", "left"};

static const struct term_column host_columns[] = {{"WAITING", 7, .wide = 60, .right = true},
                                                  {"READ", 5, .right = true},
                                                  {"REFUSED", 7, .right = true},
                                                  {"FAILED", 6, .right = true},
                                                  {"LEFT", 5, .wide = 60, .right = true},
                                                  {"LAST", 12, .wide = 100},
                                                  {"HOST", 28, 16, .wide = 120},
                                                  {"LAST TROUBLE", .wide = 80},
                                                  {0}};

/* The totals of one page, then of all pages of a host. */
struct asked_host {
    char *name;
    uint64_t article; /* the newest article with the last problem */
    uint64_t pages, sums[N_SUMS];
    int64_t last, trouble_time;
    enum page_outcome trouble; /* PAGE_OUTCOME_COUNT: none */
};

static struct asked_host host_of_page(const struct page_record *page)
{
    enum page_outcome outcome = page_outcome_of(page->state, codec_text(page->why));
    enum host_sum sum = WAITING; /* includes pages being requested */
    struct asked_host h = {.name = mem_str(page->host),
                           .article = page->article,
                           .pages = 1,
                           .last = page->done,
                           .trouble = PAGE_OUTCOME_COUNT};
    for (size_t i = 0; i < N_SUMS; i++)
        if (!strcmp(page->state, sum_names[i]))
            sum = i;
    h.sums[sum] = 1;
    if (outcome < PAGE_OUTCOME_COUNT && is_trouble(page_outcome_state(outcome))) {
        h.trouble = outcome;
        h.trouble_time = h.last;
    }
    return h;
}

static bool has_later_trouble(const struct asked_host *a, const struct asked_host *b)
{
    if (b->trouble == PAGE_OUTCOME_COUNT)
        return false;
    return a->trouble == PAGE_OUTCOME_COUNT || b->trouble_time > a->trouble_time ||
           (b->trouble_time == a->trouble_time && b->article > a->article);
}

static void add_host_page(struct asked_host *to, struct asked_host *page)
{
    to->pages += page->pages;
    for (size_t i = 0; i < N_SUMS; i++)
        to->sums[i] += page->sums[i];
    if (page->last > to->last)
        to->last = page->last;
    if (has_later_trouble(to, page)) {
        to->trouble = page->trouble;
        to->trouble_time = page->trouble_time;
        to->article = page->article;
    }
    free(page->name);
}

static int by_host_name(const void *a, const void *b)
{
    const struct asked_host *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int by_pages(const void *a, const void *b)
{
    const struct asked_host *x = a, *y = b;
    return x->pages != y->pages ? (x->pages < y->pages ? 1 : -1) : strcmp(x->name, y->name);
}

/* Combines pages of the same host; returns the number of hosts. */
static size_t sum_up_hosts(struct asked_host *all, size_t n)
{
    size_t hosts = 0;
    if (n)
        qsort(all, n, sizeof *all, by_host_name);
    for (size_t i = 0; i < n; i++)
        if (hosts && !strcmp(all[hosts - 1].name, all[i].name))
            add_host_page(&all[hosts - 1], &all[i]);
        else
            all[hosts++] = all[i];
    if (hosts)
        qsort(all, hosts, sizeof *all, by_pages);
    return hosts;
}

static void print_host_line(struct term_table *t, const struct asked_host *h)
{
    for (size_t i = 0; i < N_SUMS; i++)
        term_number(t, (int64_t)h->sums[i]);
    term_date(t, h->last);
    term_cell(t, *h->name ? h->name : "-", TERM_PLAIN);
    term_cell(t, h->trouble < PAGE_OUTCOME_COUNT ? page_outcome_text(h->trouble) : "-", TERM_PLAIN);
}

static void print_host_json(const struct asked_host *h)
{
    json_t *o = json_pack("{s:s,s:I}", "host", h->name, "pages", (json_int_t)h->pages);
    for (size_t i = 0; i < N_SUMS; i++)
        json_object_set_new(o, sum_names[i], json_integer((json_int_t)h->sums[i]));
    json_object_set_new(o, "last", h->last ? json_integer(h->last) : json_null());
    json_object_set_new(o, "trouble",
                        h->trouble < PAGE_OUTCOME_COUNT
                            ? json_pack("{s:s,s:s,s:I}", "state", page_outcome_state(h->trouble),
                                        "why", page_outcome_why(h->trouble), "time",
                                        (json_int_t)h->trouble_time)
                            : json_null());
    json_dumpf(o, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
    putchar('\n');
    json_decref(o);
}

static int read_hosts(struct command_options *o, struct asked_host **all, size_t *n)
{
    story_list *list = NULL;
    struct story_entry entry;
    size_t cap = 0;
    int error = story_pages(o->view, &list);
    while (!error && *n < MAX_PAGES && !(error = story_next(list, &entry))) {
        struct page_record page;
        if (command_load(o, &entry, &page_record_table, &page)) {
            MEM_GROW(*all, *n, cap);
            (*all)[(*n)++] = host_of_page(&page);
        }
        codec_free(&page_record_table, &page);
    }
    story_list_free(list);
    return error;
}

static int print_hosts(struct command_options *o, size_t limit)
{
    struct term_table table = term_table(host_columns, o->color);
    struct asked_host *all = NULL;
    size_t n = 0;
    int error = read_hosts(o, &all, &n);
    n = sum_up_hosts(all, n);
    if (!o->json)
        term_titles(&table);
    for (size_t i = 0; i < n; i++) {
        if (i < limit && o->json)
            print_host_json(&all[i]);
        else if (i < limit)
            print_host_line(&table, &all[i]);
        free(all[i].name);
    }
    free(all);
    return error;
}

int pages_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_begin(argc, argv, "dHjna", 0, pages_help, &o, &status))
        return status;
    size_t limit = o.limit < 0 ? 50 : o.limit ? (size_t)o.limit : SIZE_MAX;
    int error = o.hosts ? print_hosts(&o, limit) : print_pages(&o, limit);
    command_close(&o);
    return error && error != STORY_END ? command_failed(&o, error) : 0;
}
