/* Calls back when a file was written or replaced. Symbolic links are resolved first; a change of a
 * link itself is not noticed. */
#ifndef WATCH_H
#define WATCH_H

struct event_base;
struct watch;

struct watch *watch_new(struct event_base *base, void (*changed)(void *), void *arg);
void watch_free(struct watch *w);

/* Watches this file instead of the previous one; NULL: none. Returns 0, or an errno value; after an
 * error no file is watched. */
int watch_file(struct watch *w, const char *path);

#endif
