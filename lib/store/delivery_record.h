/* A pending delivery of an alert: the record of the database _deliveries, under its number. Only
 * storyd itself reads it. */
#ifndef STORE_DELIVERY_RECORD_H
#define STORE_DELIVERY_RECORD_H

#include "base/codec.h"

#include <stdint.h>

/* No text is NULL in a record that codec_read() made. */
struct delivery_record {
    char *alert;    /* name of its rule */
    char *kind;     /* of alert_kind_name() */
    char *id;       /* of the alert, the same in each delivery */
    int64_t made;   /* when the alert was raised */
    uint64_t tries; /* that failed */
    int64_t due;    /* when it is tried next */
    char *body;     /* the message as JSON */
    uint64_t more; /* events above the limit per hour, which this message counts; 0: it is of one */
};

extern const struct codec_table delivery_table;

#endif
