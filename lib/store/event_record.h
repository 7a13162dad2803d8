/* An event: the record of the database events, and changes to it. storyd-db(5) and
 * config/schema/event.schema.json document the fields. */
#ifndef STORE_EVENT_RECORD_H
#define STORE_EVENT_RECORD_H

#include "base/codec.h"
#include "digest/records.h"
#include "digest/sentiment.h"
#include "store/article_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EVENT_MAX_FEEDS = 1000,
    EVENT_MAX_DECIDED = 50, /* tags, and notes */
    EVENT_MAX_PLACES = 10,  /* details written one by one */
};

/* A publisher that reports it. */
struct event_source {
    char *name, *domain; /* never NULL in a record that codec_read() made */
    char *formerly;      /* its first domain, if its site has moved; else NULL */
    uint64_t articles;
    int64_t reports; /* articles that are no copies; -1 in a record of an older version */
    int64_t first;   /* publication time of the earliest one */
    char *url;       /* its address when it joined; NULL in a record of an older version */
};

struct event_note {
    char *text, *who;
    int64_t time;
};

/* How signals on other events shift its rank. */
struct event_cause {
    char *what, *name;
    double value;
};

struct event_leaning {
    double value;
    struct codec_list because; /* of struct event_cause */
};

/* The parts of its text that may be written or generated. */
enum event_part { EVENT_SUMMARY, EVENT_DETAILS, EVENT_MEANING, EVENT_PARTS };

/* What is not shown as it is: arrays of statements; NULL: none. */
struct event_texts {
    json_t *part[EVENT_PARTS];
};

/* A detail that an editor wrote: it replaces that with the text `instead`, once at `place`. */
struct event_place {
    uint64_t place;
    char *instead;
    json_t *statement;
};

struct event_written {
    struct event_texts texts;
    struct codec_list places; /* of struct event_place */
};

/* By a model; store/generated.h maintains it. */
struct event_generated {
    char *model;
    int64_t time;
    uint64_t sources; /* of the event then; 0: some statements were lost since */
    struct event_texts texts;
};

/* `title`, `url` and `status` are never NULL in a record that codec_read() made; the other texts
 * are NULL when there are none. Of a merged event only the number, title, updated, status,
 * merged_into and seq are left. */
struct event_record {
    uint64_t number;
    char *title, *url, *lang;
    uint64_t lead; /* article */
    int64_t first_seen, updated, published;
    uint64_t source_count, article_count, report_count;
    struct codec_list sources;              /* of struct event_source, by their first report */
    struct codec_list feeds;                /* of uint64_t */
    struct codec_list categories, keywords; /* of char * */
    struct codec_list part[EVENT_PARTS];    /* of struct digest_statement: as shown */
    struct digest_sentiment *sentiment;     /* NULL: no posts */
    uint64_t post_count;
    struct codec_list similar;         /* of struct digest_similar */
    struct codec_list disputed;        /* of struct digest_dispute */
    struct codec_list developments;    /* of struct digest_development */
    struct event_written *written;     /* by editors, or NULL */
    struct event_generated *generated; /* or NULL */
    struct event_texts *extracted;     /* of parts that are not shown as extracted, or NULL */
    int64_t score;
    uint64_t velocity;
    double velocity_before;
    int64_t signal;
    struct event_leaning *leaning; /* or NULL */
    char *headline;                /* an editor's title, or NULL */
    bool pinned, muted;
    struct codec_list tags;  /* of char * */
    struct codec_list notes; /* of struct event_note */
    char *status;            /* "open", "closed", "archived", "merged" */
    uint64_t merged_into;    /* 0: it was not merged */
    uint64_t seq;
    uint64_t articles_deleted; /* that are still counted */
    json_t *rest;
};

/* event_head_table reads only what lists and filters need; codec_free() of it frees that. */
extern const struct codec_table event_table, event_head_table, event_source_table,
    event_written_table;

/* The table for writing an event: of a merged one, little is left. */
const struct codec_table *event_table_of(const struct event_record *e);

/* A new, open event without articles. */
struct event_record event_record_new(uint64_t number);

/* Adds an article. Reports are counted as sources with at least one article that is no copy. */
void event_record_join(struct event_record *e, struct article_record *article, int64_t seen);
void event_record_merge(struct event_record *into, const struct event_record *from, int64_t seen);
/* Leaves what remains of an event that was merged into another. */
void event_record_end(struct event_record *from, uint64_t into, int64_t seen, uint64_t seq);
/* False for a record of an older storyd that counted each article as a report. */
bool event_counts_reports(const struct event_record *e);
/* Adds a feed that carries an article of the event; false when it was known. */
bool event_record_seen_in(struct event_record *e, uint64_t feed);
/* Resets the counts before a recount; the other fields stay. */
void event_record_clear(struct event_record *e);
/* Makes an article the lead of the event: sets title and address. */
void event_record_lead(struct event_record *e, const struct article_record *article);
/* Takes what was extracted from the event's articles out of `said`. A part that an editor wrote
 * (`written`) or a model generated (`generated`) is shown instead, and the extracted one is kept in
 * `extracted`. */
void event_record_says(struct event_record *e, struct digest *said);
/* The extracted statements of a part, whatever is shown. True: `out` is a copy that the caller
 * frees; false: it is the list that is shown. */
bool event_extracted(const struct event_record *e, enum event_part part, struct codec_list *out);
/* Call after `written` or `generated` has changed: updates what is shown. */
void event_record_rewritten(struct event_record *e);
/* An article of the event is found to copy `origin`, which came before; with origin 0, it is a
 * report of its own again. */
void event_record_copied(struct event_record *e, struct article_record *article, uint64_t origin);
/* Takes a model's statements. */
void event_record_generate(struct event_record *e, struct event_generated *generated);
/* Takes the leaning; one without a cause is none. */
void event_record_lean(struct event_record *e, struct event_leaning *leaning);
/* Computes velocity and score from the other fields; call before writing. */
void event_record_finish(struct event_record *e);

/* The domain by which a source is counted: its domain, or its first one if its site has moved. */
const char *event_first_domain(const struct event_source *source);

#endif
