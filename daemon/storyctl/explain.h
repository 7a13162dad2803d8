#ifndef STORYCTL_EXPLAIN_H
#define STORYCTL_EXPLAIN_H

#include <jansson.h>

/* Prints the field why of an article's record as indented text. */
void why_print(const json_t *why);

int why_main(int argc, char **argv);

#endif
