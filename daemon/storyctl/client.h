/* Asking the running daemon, over its Unix socket. */
#ifndef STORYCTL_CLIENT_H
#define STORYCTL_CLIENT_H

#include <jansson.h>

/* Posts JSON to a path. The status of HTTP, with the answer's JSON in *out (the caller's; NULL when
 * there is none); or -1 when there is no daemon or no sound answer, and what is wrong was said, in
 * the command's name. */
int client_post(const char *command, const char *socket_path, const char *path, const json_t *body,
                json_t **out);

#endif
