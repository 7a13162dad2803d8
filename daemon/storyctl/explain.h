#ifndef STORYCTL_EXPLAIN_H
#define STORYCTL_EXPLAIN_H

#include "store/article_record.h"

/* Prints the reason in an article's record as indented text. */
void why_print(const struct article_reason *why);

int why_main(int argc, char **argv);

#endif
