/* Writes the form and the chips from one table of filters. */
#include "web/filter_bar.h"

#include "base/escape.h"
#include "digest/topic.h"
#include "store/record.h"
#include "web/markup.h"

#include <string.h>

struct filter_choice {
    const char *value, *name;
};

static const struct filter_choice min_sources[] = {
    {"", "any number of sources"},
    {"2", "2 sources or more"},
    {"3", "3 or more"},
    {"5", "5 or more"},
    {"10", "10 or more"},
    {NULL, NULL},
};
static const struct filter_choice since[] = {
    {"", "any time"},
    {"1h", "in the last hour"},
    {"6h", "in the last 6 hours"},
    {"24h", "in the last day"},
    {"3d", "in 3 days"},
    {"7d", "in a week"},
    {NULL, NULL},
};

/* One row a filter, in the order of the form. */
static const struct filter {
    const char *name, *label;
    enum { SEARCH, SELECT, TEXT, CHECK, HIDDEN } kind;
    const struct filter_choice *choices; /* of a SELECT */
    const char *hint;                    /* of a TEXT: an example */
    const char *(*names)(size_t);        /* of a TEXT: what it can be, among others; without the
                                            script, which suggests what there is */
} filters[] = {
    {"order", "Order", HIDDEN, NULL, NULL, NULL},
    {"q", "Search", SEARCH, NULL, "Search events", NULL},
    {"min_sources", "Sources", SELECT, min_sources, NULL, NULL},
    {"since", "Time", SELECT, since, NULL, NULL},
    {"category", "Category", TEXT, NULL, "health", topic_name},
    {"lang", "Language", TEXT, NULL, "en", NULL},
    {"source", "Publisher", TEXT, NULL, "bbc.co.uk", NULL},
    {"growing", "Growing fast", CHECK, NULL, NULL, NULL},
    {"muted", "Muted events", CHECK, NULL, NULL, NULL},
};
enum { N_FILTERS = sizeof filters / sizeof *filters };

bool filter_is_known(const char *name)
{
    for (size_t i = 0; i < N_FILTERS; i++)
        if (!strcmp(filters[i].name, name))
            return true;
    return false;
}

static void add_parameters(struct buf *out, const json_t *set, const char *name, const char *value)
{
    char before = '?';
    for (size_t i = 0; i < N_FILTERS; i++) {
        const char *is = record_text(set, filters[i].name);
        if (name && !strcmp(filters[i].name, name))
            is = value ? value : "";
        if (!*is)
            continue;
        buf_addf(out, "%c%s=", before, filters[i].name);
        escape_text(out, ESCAPE_QUERY, is);
        before = '&';
    }
}

void filter_address(struct buf *out, const json_t *set, const char *name, const char *value)
{
    buf_addc(out, '/');
    add_parameters(out, set, name, value);
}

/* A feed has an order of its own. */
void filter_feed_links(struct buf *out, const json_t *set)
{
    struct buf query;
    buf_init(&query, FILTER_MAX_ADDRESS);
    add_parameters(&query, set, "order", NULL);
    html_addf(out,
              "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"These events\" "
              "href=\"/feed.atom%s\">\n"
              "<link rel=\"alternate\" type=\"application/feed+json\" title=\"These events\" "
              "href=\"/feed.json%s\">\n",
              buf_text(&query), buf_text(&query));
    buf_free(&query);
}

void filter_other_forms(struct buf *out, const json_t *set)
{
    struct buf query;
    buf_init(&query, FILTER_MAX_ADDRESS);
    add_parameters(&query, set, "order", NULL);
    html_addf(out,
              "<p class=\"also fine\">These events as <a href=\"/feed.atom%s\">Atom</a>, "
              "<a href=\"/feed.json%s\">JSON Feed</a>, <a href=\"/api/v1/events%s\">JSON</a></p>\n",
              buf_text(&query), buf_text(&query), buf_text(&query));
    buf_free(&query);
}

static void add_select(struct buf *out, const struct filter *f, const char *is)
{
    bool known = false;
    html_addf(out, "<select id=\"f-%s\" name=\"%s\">", f->name, f->name);
    for (const struct filter_choice *c = f->choices; c->value; c++) {
        bool selected = !strcmp(c->value, is);
        known = known || selected;
        html_addf(out, selected ? "<option value=\"%s\" selected>%s" : "<option value=\"%s\">%s",
                  c->value, c->name);
    }
    if (!known) /* from an address that somebody wrote */
        html_addf(out, "<option value=\"%s\" selected>%s", is, is);
    buf_adds(out, "</select>");
}

static void add_text_input(struct buf *out, const struct filter *f, const char *is)
{
    html_addf(out, "<input id=\"f-%s\" name=\"%s\" value=\"%s\" placeholder=\"%s\"", f->name,
              f->name, is, f->hint);
    html_addf(out, " list=\"of-%s\" autocomplete=\"off\" maxlength=\"200\"><datalist id=\"of-%s\">",
              f->name, f->name);
    for (size_t i = 0; f->names && f->names(i); i++)
        html_addf(out, "<option value=\"%s\">", f->names(i));
    buf_adds(out, "</datalist>");
}

static void add_filter_field(struct buf *out, const struct filter *f, const char *is)
{
    html_addf(out, "<label for=\"f-%s\">%s</label>", f->name, f->label);
    if (f->kind == SELECT)
        add_select(out, f, is);
    else if (f->kind == CHECK)
        html_addf(out,
                  *is ? "<input id=\"f-%s\" type=\"checkbox\" name=\"%s\" value=\"yes\" checked>"
                      : "<input id=\"f-%s\" type=\"checkbox\" name=\"%s\" value=\"yes\">",
                  f->name, f->name);
    else
        add_text_input(out, f, is);
}

static const char *choice_name(const struct filter *f, const char *is)
{
    for (const struct filter_choice *c = f->choices; c && c->value; c++)
        if (!strcmp(c->value, is))
            return c->name;
    return f->kind == CHECK ? "yes" : is;
}

/* What is set, each a link to the list without it. */
static void add_chips(struct buf *out, const json_t *set)
{
    bool any = false;
    for (size_t i = 0; i < N_FILTERS; i++) {
        const struct filter *f = &filters[i];
        const char *is = record_text(set, f->name);
        if (!*is || f->kind == HIDDEN)
            continue;
        if (!any)
            buf_adds(out, "<ul class=\"chips\" aria-label=\"Active filters\">");
        any = true;
        struct buf href;
        buf_init(&href, FILTER_MAX_ADDRESS);
        filter_address(&href, set, f->name, NULL);
        html_addf(out,
                  "<li><a href=\"%s\"><span>%s:</span> <bdi>%s</bdi> <b aria-hidden=\"true\">×</b>"
                  "<span class=\"unseen\">, remove this filter</span></a></li>",
                  buf_text(&href), f->label, choice_name(f, is));
        buf_free(&href);
    }
    if (any)
        buf_adds(out, "</ul>");
}

void filter_form(struct buf *out, const json_t *set)
{
    const char *q = record_text(set, "q"), *order = record_text(set, "order");
    size_t others = 0;
    for (size_t i = 0; i < N_FILTERS; i++)
        others += filters[i].kind != HIDDEN && filters[i].kind != SEARCH &&
                  *record_text(set, filters[i].name);
    html_addf(
        out,
        "<search role=\"search\"><form class=\"filters\" action=\"/\" method=\"get\">"
        "<input id=\"q\" type=\"search\" name=\"q\" value=\"%s\" aria-label=\"Search events\" "
        "placeholder=\"Search events\" autocomplete=\"off\" maxlength=\"200\">",
        q);
    if (*order)
        html_addf(out, "<input type=\"hidden\" name=\"order\" value=\"%s\">", order);
    buf_adds(out, "<details id=\"filters\"><summary>Filters");
    if (others)
        html_addf(out, " <b>%zu</b>", others);
    buf_adds(out, "</summary><div class=\"sheet\">");
    for (size_t i = 0; i < N_FILTERS; i++)
        if (filters[i].kind != HIDDEN && filters[i].kind != SEARCH)
            add_filter_field(out, &filters[i], record_text(set, filters[i].name));
    buf_adds(out, "<button>Show</button></div></details><span id=\"views\"></span></form>\n");
    add_chips(out, set);
    buf_adds(out, "</search>\n");
}
