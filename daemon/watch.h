/* Tells when a file was written or replaced. A file that is reached through a link is watched where
 * it lies; a change of the link itself is not seen. */
#ifndef WATCH_H
#define WATCH_H

struct event_base;
struct watch;

struct watch *watch_new(struct event_base *base, void (*changed)(void *), void *arg);
void watch_free(struct watch *w);

/* From now on this file, in place of the one before. 0, or an errno value: then none. */
int watch_file(struct watch *w, const char *path);

#endif
