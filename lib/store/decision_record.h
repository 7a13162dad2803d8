/* An editor's decision: the record of the database decisions. storyd-db(5) and
 * config/schema/decision.schema.json document the fields. */
#ifndef STORE_DECISION_RECORD_H
#define STORE_DECISION_RECORD_H

#include "base/codec.h"

#include <stdint.h>

/* Keeps two articles in one event (kind "must"), or apart ("cannot"). */
struct decision_link {
    uint64_t a, b;
    char *kind;
};

/* Something through which a signal affects other events. */
struct decision_feature {
    char *what; /* "publisher", "category", "keyword" */
    char *name;
};

/* The texts `who`, `why` and `kind` are never NULL in a record that codec_read() made, also of a
 * NULL object. */
struct decision_record {
    uint64_t number;
    int64_t time;
    char *kind, *who, *why;
    uint64_t event, into;       /* 0: none */
    struct codec_list articles; /* of uint64_t */
    struct codec_list links;    /* of struct decision_link */
    uint64_t undoes, undone_by; /* decisions; 0: none */
    char *title, *tag, *text;   /* of rename, tag, note; else NULL */
    struct codec_list features; /* of struct decision_feature: of signal */
    char *wrote;                /* of write: the field, */
    json_t *items;              /* the statements, */
    int64_t place;              /* and the index of the one detail that they replace, -1: all */
    char *field;                /* the event's field that was set, NULL: none, */
    json_t *before, *after;     /* and its values; NULL: not recorded */
    json_t *rest;
};

extern const struct codec_table decision_table;

#endif
