/* Checks the number of a command's arguments. */
#ifndef STORYCTL_ARGUMENTS_H
#define STORYCTL_ARGUMENTS_H

#include <stdbool.h>

enum { ARGUMENTS_OPTIONAL = -1000 };

/* Whether there are `wanted` arguments (negative: that many or more; ARGUMENTS_OPTIONAL: one or
 * none). If not, says which are missing or too many, by the usage in the command's help text, and
 * prints the usage. */
bool arguments_fit(const char *command, const char *help, int wanted, int n,
                   char *const *arguments);

/* Prints the usage, the first paragraph of a help text, to standard error. */
void arguments_usage(const char *help);

#endif
