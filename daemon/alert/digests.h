/* Digests: the top events of a day or a week for a [digest NAME] section. alert.c owns them and
 * mails what they select. */
#ifndef ALERT_DIGESTS_H
#define ALERT_DIGESTS_H

#include "config.h"

#include <stdint.h>

struct digests;
struct event_base;
struct store;
struct story_db;

/* `post` stores a digest, the text of a JSON object, for delivery; `wrote` is called after changes
 * to the store's batch, or with an error of the store. */
struct digests *
digests_new(struct event_base *base, struct store *store, const struct config *config,
            int (*post)(void *, const char *name, const char *id, int64_t now, const char *body),
            void (*wrote)(void *, int error), void *arg);
void digests_free(struct digests *d);

/* Call once a minute: selects the events of a digest that is due, in slices. */
void digests_tick(struct digests *d, struct story_db *reader, int64_t now);

/* The number of the local day or week in which a time lies, where a day begins at `at` minutes, and
 * a week so on Monday. It is by the date on the calendar, so that an hour that is repeated or left
 * out neither repeats nor omits a period. */
int64_t digest_period(enum config_period every, int64_t at, int64_t time);

#endif
