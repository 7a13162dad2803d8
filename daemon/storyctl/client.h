/* Requests to the running daemon. */
#ifndef STORYCTL_CLIENT_H
#define STORYCTL_CLIENT_H

#include <jansson.h>

struct buf;
struct command_options;

/* Posts JSON to a path, or gets the path if `body` is NULL, from the daemon at `where`: a socket's
 * path, http://HOST:PORT or http://:TOKEN@HOST:PORT. Returns the HTTP status, with the response's
 * JSON in *out (owned by the caller; NULL if there is none); or -1 with the reason in `error`, if
 * the daemon cannot be reached or its response is invalid. */
int client_request(const char *where, const char *path, const json_t *body, json_t **out,
                   struct buf *error);

/* The same where --socket, STORYD_URL or --db say that storyd is; the reason says what to check. */
int client_call(const struct command_options *o, const char *path, const json_t *body, json_t **out,
                struct buf *error);

/* The same with an error message in the name of the command. */
int client_ask(const char *command, const struct command_options *o, const char *path,
               const json_t *body, json_t **out);

#endif
