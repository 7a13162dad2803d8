/* The filters of the list. They are in the address, so that a view can be linked, saved and
 * revisited; the API and the feeds use the same names. */
#ifndef WEB_FILTER_BAR_H
#define WEB_FILTER_BAR_H

#include "base/buf.h"

#include <jansson.h>
#include <stdbool.h>

/* Of an address: more than all that the head of a request has, each byte of it as %XX. */
enum { FILTER_MAX_ADDRESS = 64 << 10 };

/* Whether a parameter of the address is one of ours. */
bool filter_is_known(const char *name);

/* "/?order=new&min_sources=3" of `filters`, with the one named set to `value` or, NULL, left out.
 */
void filter_address(struct buf *out, const json_t *filters, const char *name, const char *value);

/* The form that sets them, and what is set as a row of links that each take one away. */
void filter_form(struct buf *out, const json_t *filters);

/* The same events in forms for programs, as a line of links. */
void filter_other_forms(struct buf *out, const json_t *filters);

/* <link rel="alternate"> of the feeds that give the same events. */
void filter_feed_links(struct buf *out, const json_t *filters);

#endif
