/* The requests of webhooks: an alert as JSON for programs, or as a message for people in the format
 * of a chat service. Pure. */
#ifndef ALERT_HOOK_H
#define ALERT_HOOK_H

#include "config.h"

#include <stdbool.h>
#include <stdint.h>

struct hook_order {
    enum config_format format;
    const char *url;    /* webhook of the alert */
    const char *secret; /* contents of webhook_secret; NULL: none */
    const char *base;   /* [http] base_url */
    const char *body;   /* the output of message_json() or message_more() */
    int64_t now;
};

enum { HOOK_MAX_HEADERS = 7 };

struct hook {
    char *url, *body;
    char *headers[HOOK_MAX_HEADERS + 1]; /* "Name: value", ends with NULL */
    bool put;                            /* else it is a POST */
};

void hook_make(const struct hook_order *order, struct hook *out);
void hook_free(struct hook *h);

#endif
