/* Payloads of alerts: JSON, its signature, a mail. Pure. */
#ifndef ALERT_MESSAGE_H
#define ALERT_MESSAGE_H

#include "base/buf.h"
#include "store/event_record.h"

#include <jansson.h>
#include <stdint.h>

/* {"id", "alert", "time", "event": the record}. The caller frees it. */
char *message_json(const char *id, const char *alert, int64_t now,
                   const struct event_record *event);

/* {"id", "alert", "time", "more": a number of events}, for what was above the limit per hour. */
char *message_more(const char *id, const char *alert, int64_t now, uint64_t more);

/* Appends a text as a value of a header, by RFC 2047: encoded words of at most 75 bytes, with
 * `between` between them. It is cut to 390 bytes. */
void message_encode(const char *text, const char *between, struct buf *out);

/* The value of webhook-signature (standardwebhooks.com): "v1," and the base64 of HMAC-SHA256 over
 * "id.time.body". */
void message_signature(const char *secret, const char *id, const char *time, const char *body,
                       struct buf *out);

/* Appends the address of the event's page; nothing if `base` is empty. */
void message_page(const char *base, uint64_t event, struct buf *out);

/* A complete mail, with headers, from the parsed output of message_json(). `base` is [http]
 * base_url. */
void message_mail(const json_t *message, const char *to, const char *base, struct buf *out);

#endif
