/* What an alert sends: JSON, its signature, a mail. Pure. */
#ifndef ALERT_MESSAGE_H
#define ALERT_MESSAGE_H

#include "base/buf.h"

#include <jansson.h>
#include <stdint.h>

/* {"id", "alert", "time", "event": the record}; to be freed. */
char *message_json(const char *id, const char *alert, int64_t now, const json_t *event);

/* The value of webhook-signature as standardwebhooks.com has it: "v1," and base64 of HMAC-SHA256
 * over id, time and body with points between them. */
void message_signature(const char *secret, const char *id, const char *time, const char *body,
                       struct buf *out);

/* A whole mail, headers first, of what message_json() gave. */
void message_mail(const json_t *message, const char *to, struct buf *out);

#endif
