#ifndef STORYCTL_PARSE_H
#define STORYCTL_PARSE_H

/* `storyctl parse`: one feed document to one JSON object on standard output. */
int parse_main(int argc, char **argv);

#endif
