/* Requests to the running daemon. */
#ifndef STORYCTL_CLIENT_H
#define STORYCTL_CLIENT_H

#include <jansson.h>

struct command_options;

/* Posts JSON to a path, or gets the path if `body` is NULL, where --socket, STORYD_URL or --db
 * say that storyd is. Returns the HTTP status, with the response's JSON in *out (owned by the
 * caller; NULL if there is none); or -1, after an error message in the name of the command, if the
 * daemon cannot be reached or its response is invalid. */
int client_ask(const char *command, const struct command_options *o, const char *path,
               const json_t *body, json_t **out);

#endif
