/* The Google Reader API, as FreshRSS, Miniflux and others have it: feed readers show events as
 * items. storyd(8), Feed readers, describes it. */
#ifndef API_GREADER_H
#define API_GREADER_H

#include "api/context.h"

/* POST /accounts/ClientLogin */
routes_handler greader_login;

/* Below /reader/api/0/: what there is */
routes_handler greader_token, greader_user, greader_tags, greader_subscriptions, greader_unread;

/* Below /reader/api/0/stream/: items/ids, contents/{rest}, POST items/contents. And the items of a
 * stream as Atom, /reader/atom/{rest} */
routes_handler greader_ids, greader_contents, greader_items, greader_atom;

/* POST /reader/api/0/edit-tag, /reader/api/0/mark-all-as-read */
routes_handler greader_edit, greader_mark;

#endif
